package main

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// writer writes the same rows into the same tables as the register does: the
// record, its entry with the link to the one before, its tags, its words and the
// answer under the idempotency key. One NORMAL commit a request: it is not durable.
type writer struct {
	mu                                sync.Mutex
	db                                *sql.DB
	row, entry, link, words, kept     *sql.Stmt
	change, read, reword, priorAnswer *sql.Stmt
	seq                               int64
	hash                              string
}

const (
	rowColumns = `id,version,state,created_at,updated_at,name,name_folded,kind,description,roles,basis,side,seniority,client_tier,channels,lawful_basis,language,language_folded,
country,country_folded,website,notes,identified_via,rested_basis,current_engagement,desired_engagement,quadrant,salience_class,gap_open,verify_due_on,tags,sensitivity,
access_user_ids,external_ids,custom_fields,created_by_type,updated_by_type`
	entryColumns = "seq,id,hash,kind,record_id,version,action,actor_type,at,changes,personal,personal_digest,request_id,key_id"
)

func openWriter(file string) *writer {
	db, err := sql.Open("sqlite3", "file:"+file+"?_journal_mode=WAL&_synchronous=NORMAL&_txlock=immediate&_cache_size=-16000&_foreign_keys=on&_mutex=no")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	w := &writer{db: db}
	for stmt, text := range map[**sql.Stmt]string{
		&w.row:         insert("stakeholders", rowColumns),
		&w.entry:       insert("entries", entryColumns),
		&w.link:        insert("links", "kind,field,target,record_id"),
		&w.words:       insert("stakeholders_fts", "docid,title,body"),
		&w.kept:        insert("idempotency", "key,fingerprint,status,body,kind,record_id,version,created_at"),
		&w.priorAnswer: "SELECT status, body FROM idempotency WHERE key = ?",
		&w.read:        "SELECT " + columns + " FROM stakeholders WHERE id = ?",
		&w.change:      "UPDATE stakeholders SET description = ?, version = ?, updated_at = ? WHERE id = ? AND version = ?",
		&w.reword:      "UPDATE stakeholders_fts SET body = ? WHERE docid = ?",
	} {
		if *stmt, err = db.Prepare(text); err != nil {
			log.Fatal(err)
		}
	}
	if err := db.QueryRow("SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1").Scan(&w.seq, &w.hash); err != nil {
		log.Fatal(err)
	}
	return w
}

func insert(table, names string) string {
	return "INSERT INTO " + table + " (" + names + ") VALUES (?" + strings.Repeat(",?", strings.Count(names, ",")) + ")"
}

type given struct {
	Name, Kind, Description string
	Tags                    []string
}

func (w *writer) create(out http.ResponseWriter, r *http.Request) {
	var g given
	raw, err := io.ReadAll(http.MaxBytesReader(out, r.Body, 1<<20))
	if err == nil {
		err = json.Unmarshal(raw, &g)
	}
	if err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer(out, r, raw, http.StatusCreated, func(tx *sql.Tx, now string) (*stakeholder, error) {
		s := fresh(g, now)
		tags, folded := string(s.Tags), strings.ToLower(g.Name)
		res, err := tx.Stmt(w.row).Exec(s.ID, 1, s.State, now, now, g.Name, folded, g.Kind, g.Description, "[]", "[]", s.Side, s.Seniority, s.ClientTier, "[]", s.LawfulBasis,
			nil, nil, nil, nil, nil, nil, s.IdentifiedVia, "[]", "none", "none", "unknown", "unknown", false, s.VerifyDueOn, tags, 1, "[]", "[]", "{}", "user", "user")
		if err != nil {
			return nil, err
		}
		num, err := res.LastInsertId()
		if err != nil {
			return nil, err
		}
		s.Ref = fmt.Sprint("STK-", num)
		for _, t := range g.Tags {
			if _, err := tx.Stmt(w.link).Exec("stakeholder", "tags", t, s.ID); err != nil {
				return nil, err
			}
		}
		if _, err := tx.Stmt(w.words).Exec(num, folded, strings.ToLower(g.Description)); err != nil {
			return nil, err
		}
		changes := map[string]any{"kind": g.Kind, "state": s.State, "tags": g.Tags, "sensitivity": "internal", "side": s.Side, "seniority": s.Seniority, "verify_due_on": s.VerifyDueOn}
		return s, w.enter(tx, s, "created", changes, map[string]any{"name": g.Name, "description": g.Description}, now)
	})
}

func (w *writer) patch(out http.ResponseWriter, r *http.Request) {
	var g given
	raw, err := io.ReadAll(http.MaxBytesReader(out, r.Body, 1<<20))
	if err == nil {
		err = json.Unmarshal(raw, &g)
	}
	if err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer(out, r, raw, http.StatusOK, func(tx *sql.Tx, now string) (*stakeholder, error) {
		s := &stakeholder{}
		if err := scan(tx.Stmt(w.read).QueryRow(r.PathValue("id")), s); err != nil {
			return nil, err
		}
		before := s.Description
		if _, err := tx.Stmt(w.change).Exec(g.Description, s.Version+1, now, s.ID, s.Version); err != nil {
			return nil, err
		}
		if _, err := tx.Stmt(w.reword).Exec(strings.ToLower(g.Description), strings.TrimPrefix(s.Ref, "STK-")); err != nil {
			return nil, err
		}
		s.Version, s.UpdatedAt, s.Description = s.Version+1, now, &g.Description
		return s, w.enter(tx, s, "updated", map[string]any{}, map[string]any{"description": []any{before, g.Description}}, now)
	})
}

// answer does the change in one transaction, keeps the answer and sends it.
func (w *writer) answer(out http.ResponseWriter, r *http.Request, raw []byte, status int, change func(*sql.Tx, string) (*stakeholder, error)) {
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	key, digest := r.Method+" "+r.URL.Path+" "+r.Header.Get("Idempotency-Key"), sha256.Sum256(raw)
	tx, err := w.db.Begin()
	if err != nil {
		http.Error(out, err.Error(), http.StatusInternalServerError)
		return
	}
	defer func() { _ = tx.Rollback() }()
	var body []byte
	if err := tx.Stmt(w.priorAnswer).QueryRow(key).Scan(&status, &body); errors.Is(err, sql.ErrNoRows) {
		var s *stakeholder
		if s, err = change(tx, now); err == nil {
			if body, err = json.Marshal(s); err == nil {
				_, err = tx.Stmt(w.kept).Exec(key, hex.EncodeToString(digest[:]), status, string(body), "stakeholder", s.ID, s.Version, now)
			}
		}
		if err != nil {
			http.Error(out, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	if err := tx.Commit(); err != nil {
		http.Error(out, err.Error(), http.StatusInternalServerError)
		return
	}
	out.Header().Set("Content-Type", "application/json")
	out.WriteHeader(status)
	_, _ = out.Write(body)
}

func (w *writer) enter(tx *sql.Tx, s *stakeholder, action string, changes, private map[string]any, now string) error {
	open, err := json.Marshal(changes)
	if err != nil {
		return err
	}
	closed, err := json.Marshal(map[string]any{"salt": uuid.NewString(), "changes": private})
	if err != nil {
		return err
	}
	digest := sha256.Sum256(closed)
	w.seq++
	link := sha256.Sum256([]byte(w.hash + s.ID + action + now + string(open) + hex.EncodeToString(digest[:])))
	w.hash = hex.EncodeToString(link[:])
	_, err = tx.Stmt(w.entry).Exec(w.seq, uuid.Must(uuid.NewV7()).String(), w.hash, "stakeholder", s.ID, s.Version, action, "user", now, string(open), string(closed),
		hex.EncodeToString(digest[:]), uuid.NewString(), s.ID)
	return err
}

func fresh(g given, now string) *stakeholder {
	tags, _ := json.Marshal(g.Tags)
	none, due := json.RawMessage("[]"), now[:10]
	id := uuid.Must(uuid.NewV7()).String()
	return &stakeholder{
		ID: id, Version: 1, URL: "/api/v1/stakeholders/" + id, State: "prospect", Name: g.Name, Kind: g.Kind, Description: &g.Description,
		Roles: none, Basis: none, Side: "external", Seniority: "operational", ClientTier: "none", Channels: none, LawfulBasis: "none", IdentifiedVia: "unknown",
		CurrentEngagement: "none", DesiredEngagement: "none", Quadrant: "unknown", SalienceClass: "unknown", VerifyDueOn: &due, Tags: tags, Sensitivity: "internal",
		AccessUserIDs: none, ExternalIDs: none, CustomFields: json.RawMessage("{}"), CreatedAt: now, UpdatedAt: now,
		CreatedBy: maker{Type: "user", Name: "Bench"}, UpdatedBy: maker{Type: "user", Name: "Bench"},
	}
}
