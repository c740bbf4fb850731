package issuer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Bounds of what an issuer answers.
const (
	mostAnswer = 512 << 10
	mostKeys   = 100
)

// client asks issuers. It goes nowhere else: no proxy of the environment, no
// redirect, no address that is the machine's own network's alone.
type client struct{ http *http.Client }

func newClient() *client {
	dialer := &net.Dialer{Timeout: 3 * time.Second, Control: notLinkLocal}
	return &client{&http.Client{
		Transport: &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: 3 * time.Second, ResponseHeaderTimeout: 5 * time.Second, MaxIdleConns: 2, IdleConnTimeout: 10 * time.Second, MaxResponseHeaderBytes: 64 << 10},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("it answers with a redirect, which is not followed")
		},
	}}
}

// notLinkLocal keeps what an issuer names from leading to the services that clouds
// give their machines: they answer whoever asks from there.
func notLinkLocal(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if ip := at.Addr().Unmap(); ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
		return fmt.Errorf("%s is no address of an issuer", ip)
	}
	return nil
}

// keysOf reads where an issuer's keys lie, and then the keys.
func (c *client) keysOf(ctx context.Context, issuer string) ([]jose.JSONWebKey, error) {
	var document struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := c.get(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", &document); err != nil {
		return nil, fmt.Errorf("its configuration: %w", err)
	}
	if document.Issuer != issuer {
		return nil, errors.New("its configuration names another issuer")
	}
	if err := CheckURL(document.Keys); err != nil {
		return nil, fmt.Errorf("its jwks_uri: %w", err)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := c.get(ctx, document.Keys, &set); err != nil {
		return nil, fmt.Errorf("its keys: %w", err)
	}
	return readKeys(set.Keys)
}

// readKeys reads the keys of a set. One of a kind that is not known is left out;
// a set without any is an error, and the keys that were known stay.
func readKeys(raw []json.RawMessage) (all []jose.JSONWebKey, err error) {
	if len(raw) > mostKeys {
		return nil, fmt.Errorf("it has more than %d keys", mostKeys)
	}
	for _, one := range raw {
		var key jose.JSONWebKey
		if json.Unmarshal(one, &key) == nil && key.IsPublic() {
			all = append(all, key)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("it has no key that could be read")
	}
	return all, nil
}

// get reads JSON from a URL.
func (c *client) get(ctx context.Context, from string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %s", res.Status)
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer+1))
	if err != nil {
		return err
	}
	if len(raw) > mostAnswer {
		return fmt.Errorf("it answers more than %d bytes", mostAnswer)
	}
	return json.Unmarshal(raw, into)
}

// CheckURL refuses what is no URL of an issuer: https, or http on this machine.
func CheckURL(given string) error {
	u, err := url.Parse(given)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "":
		return errors.New("it is no URL without a user and a fragment")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && local(u.Hostname()):
		return nil
	}
	return errors.New("it does not begin with https://")
}

func local(host string) bool {
	at, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && at.IsLoopback()
}
