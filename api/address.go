package api

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// The headers in which a proxy may say where a request comes from. One of them is
// read and never the other, which a proxy that does not know it passes on as the
// client wrote it.
const (
	XForwardedFor = "X-Forwarded-For"
	Forwarded     = "Forwarded" // RFC 7239
)

// Proxies are the peers that are believed when they say for whom they ask.
type Proxies struct {
	Trusted []netip.Prefix // none = nobody is believed
	Header  string         // in which they say it; "" = X-Forwarded-For
}

// mostHops bounds the proxies that a request is followed through.
const mostHops = 20

// Address is where a request comes from: the peer, or if that is a trusted proxy
// the nearest hop that is none. It is "" where a trusted proxy names no address:
// such a caller is from nowhere, which no key's addresses admit.
func (p Proxies) Address(r *http.Request) string {
	peer, _, _ := net.SplitHostPort(r.RemoteAddr)
	at, err := netip.ParseAddr(peer)
	if err != nil || !p.trusts(at) {
		return peer
	}
	hops := p.hops(r.Header)
	for i, hop := range slices.Backward(hops) {
		if at = readHop(hop); !at.IsValid() || len(hops)-i > mostHops {
			return ""
		}
		if !p.trusts(at) {
			break
		}
	}
	return at.Unmap().WithZone("").String()
}

func (p Proxies) trusts(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(p.Trusted, func(n netip.Prefix) bool { return n.Contains(a) })
}

// hops are what the header says, the nearest last. Each of its lines is read by
// itself, so that a quote that a client leaves open swallows no proxy's line.
func (p Proxies) hops(h http.Header) (hops []string) {
	name := p.Header
	if name == "" {
		name = XForwardedFor
	}
	for _, line := range h.Values(name) {
		if name == Forwarded {
			hops = append(hops, forwardedFor(line)...)
		} else {
			hops = append(hops, strings.Split(line, ",")...)
		}
	}
	return hops
}

// forwardedFor reads whom each element of a line of Forwarded names; "" for one
// that names nobody or is not written as it must be.
func forwardedFor(line string) (hops []string) {
	for _, element := range unquoted(line, ',') {
		hop, named := "", 0
		for _, pair := range unquoted(element, ';') {
			name, value, _ := strings.Cut(pair, "=")
			if strings.EqualFold(strings.TrimSpace(name), "for") {
				hop, named = strings.Trim(strings.TrimSpace(value), `"`), named+1
			}
		}
		if named != 1 {
			hop = ""
		}
		hops = append(hops, hop)
	}
	return hops
}

// unquoted splits text at a separator that does not stand in quotes.
func unquoted(text string, separator byte) (parts []string) {
	quoted, begin := false, 0
	for i := range len(text) {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == separator && !quoted:
			parts, begin = append(parts, text[begin:i]), i+1
		}
	}
	return append(parts, text[begin:])
}

// readHop reads an address with or without a port; it is not valid for anything
// else, such as the word unknown.
func readHop(s string) netip.Addr {
	s = strings.TrimSpace(s)
	if at, err := netip.ParseAddrPort(s); err == nil {
		return at.Addr()
	}
	if inner, found := strings.CutPrefix(s, "["); found {
		s, _ = strings.CutSuffix(inner, "]")
	}
	at, _ := netip.ParseAddr(s)
	return at
}
