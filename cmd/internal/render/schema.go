package render

import _ "embed" // for the schema

//go:embed schema/report.schema.json
var reportSchema []byte

// Schema returns the JSON schema (2020-12) of the report that JSON writes.
func Schema() []byte { return append([]byte(nil), reportSchema...) }
