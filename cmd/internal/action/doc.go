// Package action holds the tests of what runs sumlint in other repositories: the
// GitHub Action's scripts, the pre-commit hooks and the release's configuration.
package action
