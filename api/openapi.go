package api

import "rapport/internal/ledger"

// What stands here is about the API as a whole, for the document.
//
//	@title			Rapport
//	@version		1.0.0
//	@description	A register of stakeholders and of all that is owed to them: who they are, what was said and promised, what went wrong and what was learnt.
//	@description
//	@description	Every change is checked against the level of the person who asks, written once with its reason, and told to whoever listens. Lists are read a page at a time; a record's version is its ETag; a refusal is a problem (RFC 9457) whose code is the contract.
//	@contact.name	The people who run this installation
//	@license.name	Apache-2.0
//	@license.url	https://www.apache.org/licenses/LICENSE-2.0
//
//	@securityDefinitions.apikey	BearerAuth
//	@in							header
//	@name						Authorization
//	@description				An API key, as Authorization: Bearer rapport_…
//
//	@securityDefinitions.apikey	ApiKeyAuth
//	@in							header
//	@name						X-API-Key
//	@description				The same key, for clients that can set no other header.
//
//	@securityDefinitions.apikey	TokenAuth
//	@in							header
//	@name						Authorization
//	@description				An access token (JWT) of an issuer that this installation trusts, as Authorization: Bearer eyJ…; its issuer and subject are bound to a person beforehand, and what that person may comes from the register alone. Where no issuer is trusted, no token is taken.
//
//	@tag.name			Account
//	@tag.description	Who is asking, and what they may do.
//	@tag.name			Authority
//	@tag.description	Which level an action takes, and why.
//	@tag.name			Events
//	@tag.description	The change feed: every entry in its order, none twice and none left out.
//	@tag.name			Audit
//	@tag.description	The chain of entries and its verification.
//	@tag.name			Meta
//	@tag.description	What the register is made of: enumerations, workflows, fields.
//	@tag.name			Service
//	@tag.description	Is the server up, which one is it, and how is it asked.

// Ref names a record that another refers to. Who may not see it gets its id
// alone.
type Ref struct {
	// ID is the record's id.
	ID string `json:"id" format:"uuid"`
	// Ref is the record's short name; null where the caller may not see it.
	Ref *string `json:"ref"`
	// Name is what the record is called; null where it has no name, or the caller may not see it.
	Name *string `json:"name"`
}

// Maker is who made a change: a person, a service key or Rapport itself.
type Maker struct {
	// Type is user, service or system.
	Type string `json:"type" enums:"user,service,system"`
	// ID is the person's id, or the key's; null for Rapport itself.
	ID *string `json:"id"`
	// Name is what the person, or the key, is called.
	Name *string `json:"name"`
}

// APIKeyCreated is a key just made: with its token, which is shown this once.
type APIKeyCreated struct {
	APIKey
	// Token is the whole key, to be sent as Authorization: Bearer; left out when a request is answered again.
	Token string `json:"token,omitempty" example:"rapport_k3Jx9QpL_…"`
}

// ComplaintCreated is a complaint just entered: with the token by which its complainant follows it, which is shown this once.
type ComplaintCreated struct {
	Complaint
	// TrackingToken is what the complainant follows the complaint by; left out when a request is answered again.
	TrackingToken string `json:"tracking_token,omitempty" example:"Zk3x9QpLm2v8RtYw1c5b7A"`
	// TrackingURL leads to what it shows.
	TrackingURL string `json:"tracking_url,omitempty" example:"/api/v1/public/complaints/Zk3x9QpLm2v8RtYw1c5b7A"`
	// TrackingRenewURL is where a POST shows a fresh token, where this one was not received; left out when the request was only tried.
	TrackingRenewURL string `json:"tracking_renew_url,omitempty" example:"/api/v1/complaints/01a1f0b2-7c1e-7d1a-8f3b-2a4c6e8f0a1b/tracking-token"`
}

// TransitionList is every transition out of a record's present state.
type TransitionList struct {
	// Data are the transitions, in the order of the workflow.
	Data []ledger.Explained `json:"data"`
}

// ChangePage is a page of a record's audit trail.
type ChangePage struct {
	// Data are the lines, newest first.
	Data []ledger.ChangeLine `json:"data"`
	// Page says where the history goes on.
	Page pageInfo `json:"page"`
}

// TimelinePage is a page of a record's timeline.
type TimelinePage struct {
	// Data are the items, newest first.
	Data []timelineItem `json:"data"`
	// Page says where the history goes on.
	Page pageInfo `json:"page"`
}

// getIndex is what the root of the API answers: the same as that of the server.
//
//	@ID				getIndex
//	@Summary		Find the document from the API's base
//	@Description	Leads to this document; the header Link says the same. Any key may ask.
//	@Tags			Service
//	@Security		BearerAuth
//	@Security		ApiKeyAuth
//	@Success		200	{object}	Signpost
//	@Failure		400	{object}	ProblemDetails
//	@Router			/api/v1 [get]
func _() {}
