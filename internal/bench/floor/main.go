// Command floor is the least that a Go server can do for the same bytes: it reads
// the register's own file by hand-written, prepared statements and knows neither
// rules nor sight nor keys. The benchmarks hold the register against it. With
// -writes it also makes and changes records, one commit a request, not durably.
package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"strconv"

	_ "github.com/mattn/go-sqlite3" // the same driver that the register has
)

const columns = `id,num,version,state,created_at,updated_at,deleted_at,name,kind,description,roles,basis,side,seniority,client_tier,channels,lawful_basis,
language,country,website,notes,identified_via,identified_by_id,verify_every_days,verified_on,rested_at,power,interest,influence,impact,legitimacy,urgency,
attitude,current_engagement,desired_engagement,assessed_on,quadrant,salience_class,salience_rank,priority,gap,gap_open,last_contact_at,verify_due_on,
owner_id,tags,sensitivity,access_user_ids,external_ids,custom_fields,created_by_type,created_by_id,updated_by_type,updated_by_id`

type ref struct {
	ID   string `json:"id"`
	Ref  string `json:"ref"`
	Name string `json:"name"`
}

type maker struct {
	Type string  `json:"type"`
	ID   *string `json:"id"`
	Name string  `json:"name"`
}

type stakeholder struct {
	ID                string          `json:"id"`
	Ref               string          `json:"ref"`
	Version           int             `json:"version"`
	URL               string          `json:"url"`
	State             string          `json:"state"`
	Name              string          `json:"name"`
	Kind              string          `json:"kind"`
	Description       *string         `json:"description"`
	Roles             json.RawMessage `json:"roles"`
	Basis             json.RawMessage `json:"basis"`
	Side              string          `json:"side"`
	Seniority         string          `json:"seniority"`
	ClientTier        string          `json:"client_tier"`
	Channels          json.RawMessage `json:"channels"`
	LawfulBasis       string          `json:"lawful_basis"`
	Language          *string         `json:"language"`
	Country           *string         `json:"country"`
	Website           *string         `json:"website"`
	Notes             *string         `json:"notes"`
	IdentifiedVia     string          `json:"identified_via"`
	IdentifiedByID    *string         `json:"identified_by_id"`
	IdentifiedBy      *ref            `json:"identified_by"`
	VerifyEveryDays   *int            `json:"verify_every_days"`
	VerifiedOn        *string         `json:"verified_on"`
	RestedAt          *string         `json:"rested_at"`
	Power             *int            `json:"power"`
	Interest          *int            `json:"interest"`
	Influence         *int            `json:"influence"`
	Impact            *int            `json:"impact"`
	Legitimacy        *int            `json:"legitimacy"`
	Urgency           *int            `json:"urgency"`
	Attitude          *int            `json:"attitude"`
	CurrentEngagement string          `json:"current_engagement"`
	DesiredEngagement string          `json:"desired_engagement"`
	AssessedOn        *string         `json:"assessed_on"`
	Quadrant          string          `json:"quadrant"`
	SalienceClass     string          `json:"salience_class"`
	SalienceRank      *int            `json:"salience_rank"`
	Priority          *int            `json:"priority"`
	Gap               *int            `json:"gap"`
	GapOpen           bool            `json:"gap_open"`
	LastContactAt     *string         `json:"last_contact_at"`
	VerifyDueOn       *string         `json:"verify_due_on"`
	OwnerID           *string         `json:"owner_id"`
	Owner             *ref            `json:"owner"`
	Tags              json.RawMessage `json:"tags"`
	Sensitivity       string          `json:"sensitivity"`
	AccessUserIDs     json.RawMessage `json:"access_user_ids"`
	ExternalIDs       json.RawMessage `json:"external_ids"`
	CustomFields      json.RawMessage `json:"custom_fields"`
	CreatedAt         string          `json:"created_at"`
	CreatedBy         maker           `json:"created_by"`
	UpdatedAt         string          `json:"updated_at"`
	UpdatedBy         maker           `json:"updated_by"`
	DeletedAt         *string         `json:"deleted_at"`
}

type scanner interface{ Scan(...any) error }

var words = []string{"public", "internal", "confidential", "restricted"}

func scan(r scanner, s *stakeholder) error {
	var num, rank int
	err := r.Scan(&s.ID, &num, &s.Version, &s.State, &s.CreatedAt, &s.UpdatedAt, &s.DeletedAt, &s.Name, &s.Kind, &s.Description, (*[]byte)(&s.Roles), (*[]byte)(&s.Basis),
		&s.Side, &s.Seniority, &s.ClientTier, (*[]byte)(&s.Channels), &s.LawfulBasis, &s.Language, &s.Country, &s.Website, &s.Notes, &s.IdentifiedVia, &s.IdentifiedByID,
		&s.VerifyEveryDays, &s.VerifiedOn, &s.RestedAt, &s.Power, &s.Interest, &s.Influence, &s.Impact, &s.Legitimacy, &s.Urgency, &s.Attitude, &s.CurrentEngagement,
		&s.DesiredEngagement, &s.AssessedOn, &s.Quadrant, &s.SalienceClass, &s.SalienceRank, &s.Priority, &s.Gap, &s.GapOpen, &s.LastContactAt, &s.VerifyDueOn, &s.OwnerID,
		(*[]byte)(&s.Tags), &rank, (*[]byte)(&s.AccessUserIDs), (*[]byte)(&s.ExternalIDs), (*[]byte)(&s.CustomFields), &s.CreatedBy.Type, &s.CreatedBy.ID, &s.UpdatedBy.Type, &s.UpdatedBy.ID)
	s.Ref, s.URL, s.Sensitivity = "STK-"+strconv.Itoa(num), "/api/v1/stakeholders/"+s.ID, words[rank]
	s.CreatedBy.Name, s.UpdatedBy.Name = "Rapport", "Rapport"
	if s.OwnerID != nil {
		s.Owner = &ref{*s.OwnerID, "USR-1", "Bench"}
	}
	return err
}

type page struct {
	Data []stakeholder  `json:"data"`
	Page map[string]any `json:"page"`
}

type server struct{ one, list, after, byState *sql.Stmt }

func main() {
	addr := flag.String("addr", "127.0.0.1:9001", "listen")
	file := flag.String("db", "", "the register's file")
	writes := flag.Bool("writes", false, "also write; the register must not have the file open")
	flag.Parse()
	db, err := sql.Open("sqlite3", "file:"+*file+"?_journal_mode=WAL&_query_only=1&_cache_size=-16000")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	prepare := func(tail string) *sql.Stmt {
		s, err := db.Prepare("SELECT " + columns + " FROM stakeholders " + tail)
		if err != nil {
			log.Fatal(err)
		}
		return s
	}
	s := &server{
		one:     prepare("WHERE id = ?"),
		list:    prepare("WHERE deleted_at IS NULL ORDER BY name_folded, id LIMIT 50"),
		after:   prepare("WHERE deleted_at IS NULL AND (name_folded, id) > (?, ?) ORDER BY name_folded, id LIMIT 50"),
		byState: prepare("WHERE state = ? AND deleted_at IS NULL ORDER BY name_folded, id LIMIT 50"),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/stakeholders/{id}", allowed(s.get))
	mux.HandleFunc("GET /api/v1/stakeholders", allowed(s.page))
	if *writes {
		w := openWriter(*file)
		mux.HandleFunc("POST /api/v1/stakeholders", allowed(w.create))
		mux.HandleFunc("PATCH /api/v1/stakeholders/{id}", allowed(w.patch))
	}
	log.Fatal(http.ListenAndServe(*addr, mux))
}

var token = sha256.Sum256([]byte("Bearer rapport_bench_l6"))

func allowed(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		given := sha256.Sum256([]byte(r.Header.Get("Authorization")))
		if subtle.ConstantTimeCompare(given[:], token[:]) != 1 {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

func send(w http.ResponseWriter, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

func (s *server) get(w http.ResponseWriter, r *http.Request) {
	var rec stakeholder
	if err := scan(s.one.QueryRow(r.PathValue("id")), &rec); err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	send(w, rec)
}

func (s *server) page(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	var rows *sql.Rows
	var err error
	switch {
	case q.Get("after_name") != "":
		rows, err = s.after.Query(q.Get("after_name"), q.Get("after_id"))
	case q.Get("state") != "":
		rows, err = s.byState.Query(q.Get("state"))
	default:
		rows, err = s.list.Query()
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer func() { _ = rows.Close() }()
	p := page{Data: make([]stakeholder, 0, 50), Page: map[string]any{"limit": 50, "has_more": true, "next_cursor": nil, "prev_cursor": nil, "next": nil, "total": nil}}
	for rows.Next() {
		p.Data = append(p.Data, stakeholder{})
		if err := scan(rows, &p.Data[len(p.Data)-1]); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	if rows.Err() != nil {
		http.Error(w, rows.Err().Error(), http.StatusInternalServerError)
		return
	}
	send(w, p)
}
