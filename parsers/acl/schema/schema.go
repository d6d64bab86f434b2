// Package schema holds the published JSON Schema of the plain ACL format.
//
// A schema can't say everything that the parser checks: that a range does not end
// before it starts, that text of an IPv6 address's letters is one, and that a key
// is written once.
package schema

import _ "embed"

// JSON is the JSON Schema (draft 2020-12) of the plain ACL format.
//
//go:embed acl.schema.json
var JSON []byte
