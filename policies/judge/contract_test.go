package judge

const metadata = `# METADATA
# title: A title
# description: A description.
# custom:
#   severity: warning`
