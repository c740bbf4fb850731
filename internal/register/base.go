// Package register holds the nouns: one file for each kind of record, with its
// fields, its workflow and its rules. It knows neither HTTP nor SQL.
//
// A record is four circles in one struct: the Base that every record has, the
// Fields that a client may write, what the register itself keeps, and the
// Derived values, which are computed from other records.
//
//	type Issue struct {
//		Base
//		IssueFields
//		EscalationLevel int `json:"escalation_level"`
//	}
//
// To add a noun, copy the file of the one most like it.
package register

import (
	"rapport/internal/authority"
	"rapport/internal/flow"
)

// Head is what every record has and no client writes.
type Head struct {
	// ID is the record's UUID, version 7: ids ascend as records are entered.
	ID string `json:"id" list:"filter"`
	// Num is the number in the record's ref; it ascends within a noun and may have gaps.
	Num int64 `json:"-"`
	// Version counts the changes of the record, from 1; it is the ETag.
	Version int `json:"version"`
	// State is the stage of its workflow that the record is in.
	State flow.State `json:"state"`
	// CreatedAt is when the record was entered.
	CreatedAt Instant `json:"created_at" list:"sort"`
	// Who entered the record.
	CreatedBy By `json:"-"`
	// UpdatedAt is when the record last changed.
	UpdatedAt Instant `json:"updated_at" list:"sort"`
	// Who changed the record last.
	UpdatedBy By `json:"-"`
	// DeletedAt is when the record was removed, null while it stands.
	DeletedAt Instant `json:"deleted_at"`
}

// By says who made a change: a person, a service key or the register itself.
type By struct {
	Type authority.ActorType
	ID   string
}

// Meta returns the head, so that anything that holds a Record can read it.
func (h *Head) Meta() *Head { return h }

// Common returns nothing: a record of the platform has no shared fields.
func (h *Head) Common() *Shared { return nil }

// Shared are the fields that every record of the register has and clients write.
type Shared struct {
	// OwnerID is the person who answers for the record; it can be another until the record comes to its end.
	OwnerID string `json:"owner_id" ref:"user" named:"yes"`
	// Tags are free words, at most 50, for finding the record again.
	Tags List[string] `json:"tags" validate:"max=50,unique,dive,required,max=64" terms:"yes"`
	// Sensitivity says how far the record may be seen. It and who is let in can be changed in every state, of a closed record by level 5 and above.
	Sensitivity authority.Sensitivity `json:"sensitivity" default:"internal"`
	// AccessUserIDs are people who see the record whatever their level.
	AccessUserIDs List[string] `json:"access_user_ids" ref:"user" named:"yes" validate:"max=50,unique"`
	// ExternalIDs are what other systems call the record.
	ExternalIDs List[ExternalID] `json:"external_ids" validate:"max=20,dive"`
	// CustomFields are the values of fields that the organisation declared itself.
	CustomFields Map `json:"custom_fields"`
}

// Base is what every record of the register has: the head and the shared fields.
type Base struct {
	Head
	Shared
}

// Common returns the shared fields.
func (b *Base) Common() *Shared { return &b.Shared }

// ExternalID is what another system calls a record.
type ExternalID struct {
	// System is the other system's short name.
	System string `json:"system" validate:"required,max=60"`
	// Key is the record's key there.
	Key string `json:"key" validate:"required,max=200"`
	// URL leads to the record there.
	URL string `json:"url" validate:"omitempty,max=2000,http_url"`
	// Status is the other system's word for the record's state.
	Status string `json:"status" validate:"max=100"`
	// SyncedAt is when the two were last compared.
	SyncedAt Instant `json:"synced_at"`
}

// Record is an entry of the register, whatever its noun.
type Record interface {
	Meta() *Head
	Common() *Shared
}
