#!/usr/bin/env bash
# Keeps one comment of sumlint on the pull request up to date: the one whose first
# line is the marker that the Markdown report begins with, written by the same
# user. A token that may not write, as in a pull request from a fork, is a warning.
#
# Reads SUMLINT_BODY (the report's file), SUMLINT_PULL_REQUEST, GH_TOKEN and GITHUB_REPOSITORY.
set -euo pipefail

if [ ! -s "${SUMLINT_BODY:-}" ]; then
  echo "::warning title=sumlint::There is no report to comment with."
  exit 0
fi
marker="$(head -n 1 -- "$SUMLINT_BODY")"
comments="repos/$GITHUB_REPOSITORY/issues/$SUMLINT_PULL_REQUEST/comments"

# A token of Actions has no user of its own to ask for; its comments are a bot's.
export marker
find='.[] | select((.body | startswith(env.marker)) and .user.type == "Bot") | .id'
if ! ids="$(gh api --paginate "$comments?per_page=100" --jq "$find")"; then
  echo "::warning title=sumlint::The pull request's comments can't be read; the comment was not written."
  exit 0
fi
id="$(head -n 1 <<<"$ids")"
if [ -n "$id" ]; then
  target=(--method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id")
else
  target=(--method POST "$comments")
fi
if ! gh api "${target[@]}" --field "body=@$SUMLINT_BODY" --silent; then
  echo "::warning title=sumlint::The comment can't be written: the job needs the permission pull-requests write, which pull requests from forks do not get."
fi
