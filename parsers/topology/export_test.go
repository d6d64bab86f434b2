package topology

// ReadWithin is Read with another limit for the work of evaluation.
var ReadWithin = readWithin
