package register

import (
	"net/url"
	"strings"

	"rapport/internal/fold"
)

// stakeholderLikenesses make two stakeholders candidates for being one. A number
// may be a switchboard's and an internet domain is many people's: the one is told
// and keeps nobody out, the other only adds to a likeness of names.
func stakeholderLikenesses(s *Stakeholder) []Likeness {
	alike := make([]Likeness, 0, 4)
	for _, c := range s.Channels {
		switch {
		case c.Channel == "email":
			alike = append(alike, Likeness{On: "email", Field: "channels", Value: c.Address, Weight: 0.95})
		case c.dials():
			alike = append(alike, Likeness{On: "phone", Field: "channels", Value: c.Address, Weight: 0.85, Shared: true})
		}
		alike = appendDomain(alike, c.domain())
	}
	alike = appendDomain(alike, hostOf(s.Website))
	return append(alike, Likeness{On: "name", Field: "name", Value: s.Name, Weight: 0.95})
}

func appendDomain(alike []Likeness, domain string) []Likeness {
	if domain == "" || mailHosts[domain] {
		return alike
	}
	return append(alike, Likeness{On: "domain", Value: domain, Weight: 0.3})
}

// domain is the internet domain that a channel leads to, "" if it leads to none.
func (c Channel) domain() string {
	switch c.Channel {
	case "email":
		return fold.Fold(c.Address[strings.LastIndexByte(c.Address, '@')+1:])
	case "web":
		return hostOf(c.Address)
	}
	return ""
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(fold.Fold(u.Hostname()), "www.")
}

// mailHosts give an address to anybody: that two have one there says nothing.
var mailHosts = map[string]bool{
	"163.com": true, "aol.com": true, "bluewin.ch": true, "free.fr": true, "gmail.com": true, "gmx.at": true, "gmx.ch": true, "gmx.de": true,
	"gmx.net": true, "googlemail.com": true, "hotmail.com": true, "icloud.com": true, "laposte.net": true, "libero.it": true, "live.com": true,
	"mail.com": true, "mail.ru": true, "mailbox.org": true, "me.com": true, "msn.com": true, "orange.fr": true, "outlook.com": true,
	"posteo.de": true, "proton.me": true, "protonmail.com": true, "qq.com": true, "seznam.cz": true, "t-online.de": true, "ukr.net": true,
	"web.de": true, "wp.pl": true, "yahoo.com": true, "yandex.ru": true, "ziggo.nl": true,
}
