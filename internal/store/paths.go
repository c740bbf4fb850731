package store

// Statement is SQL with its values, as the database gets it.
type Statement struct {
	SQL  string
	Args []any
}

// ListSQL is what List may ask the database for a page: a test explains each of
// them on both databases, so that no advertised list can come to scan or sort.
func (db *DB) ListSQL(q Query) (statements []Statement) {
	for _, s := range q.segments() {
		query, args := db.Look().segmentSQL(q, s, q.Limit+1)
		statements = append(statements, Statement{db.dialect.bind(query), args})
	}
	return statements
}
