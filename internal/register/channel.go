package register

import (
	"strings"

	"github.com/go-playground/validator/v10"
	"github.com/nyaruka/phonenumbers"
)

// Channel is a way to reach a stakeholder, and on what ground it may be used.
type Channel struct {
	// Channel says what sort of way it is.
	Channel string `json:"channel" validate:"required" enum:"contact_channel"`
	// Address is where it leads: an e-mail address, a number, a street, a name. Numbers with a + are kept in their international form.
	Address string `json:"address" validate:"required,max=500"`
	// Preferred says that the stakeholder would rather be reached so.
	Preferred bool `json:"preferred"`
	// Consent says whether the stakeholder agreed to be reached so.
	Consent string `json:"consent" enum:"consent" default:"unknown"`
	// ConsentOn is the day on which that was said.
	ConsentOn Date `json:"consent_on"`
	// LawfulBasis is the ground on which the channel is used.
	LawfulBasis string `json:"lawful_basis" enum:"lawful_basis" default:"none"`
}

// Terms are what lists find a channel by.
func (c Channel) Terms() []string { return []string{c.Address} }

// Texts are what a search finds a channel by.
func (c Channel) Texts() []string { return []string{c.Address} }

// dials reports whether the channel's address is a number.
func (c Channel) dials() bool { return c.Channel == "phone" || c.Channel == "message" }

// normalise writes a number that names its country in the one form of E.164, so
// that the same number is the same text. One without a + is kept as it came:
// nobody knows which country it belongs to.
func (c *Channel) normalise() {
	if !c.dials() || !strings.HasPrefix(c.Address, "+") {
		return
	}
	if number, err := phonenumbers.Parse(c.Address, ""); err == nil && phonenumbers.IsPossibleNumber(number) {
		c.Address = phonenumbers.Format(number, phonenumbers.E164)
	}
}

// checkChannel holds an address against its channel.
func checkChannel(sl validator.StructLevel) {
	c := sl.Current().Interface().(Channel)
	if c.Address == "" {
		return
	}
	switch {
	case c.Channel == "email" && sl.Validator().Var(c.Address, "email,max=254") != nil:
		sl.ReportError(c.Address, "address", "Address", "email", "")
	case c.Channel == "web" && sl.Validator().Var(c.Address, "http_url") != nil:
		sl.ReportError(c.Address, "address", "Address", "http_url", "")
	case c.dials() && !diallable(c.Address):
		sl.ReportError(c.Address, "address", "Address", "phone_number", "")
	}
}

// diallable reports whether s can be a telephone number: with a +, one that its
// country's plan could have; without, digits and what people put between them.
func diallable(s string) bool {
	if strings.HasPrefix(s, "+") {
		number, err := phonenumbers.Parse(s, "")
		return err == nil && phonenumbers.IsPossibleNumber(number)
	}
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune(" ()/.-#*x", r):
			return false
		}
	}
	return digits >= 3 && digits <= 20
}
