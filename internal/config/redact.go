package config

import (
	"maps"
	"net/url"

	commonconfig "github.com/prometheus/common/config"
	"gopkg.in/yaml.v3"
)

// hidden stands for a secret, as in Prometheus.
const hidden = "<secret>"

// Redacted is the complete configuration as YAML, without its secrets: passwords, tokens and keys, and also user and
// query of addresses, values of headers and OAuth2 parameters, in which secrets are often put.
func (c *Config) Redacted() ([]byte, error) {
	shown := *c
	shown.Source.URL = redactedURL(c.Source.URL)
	h := &shown.Source.HTTP
	h.ProxyURL = *redactedURL(&c.Source.HTTP.ProxyURL)
	h.HTTPHeaders = redactedHeaders(h.HTTPHeaders)
	if h.OAuth2 != nil {
		o := *h.OAuth2
		o.ProxyURL = *redactedURL(&o.ProxyURL)
		o.TokenURL = redactedAddress(o.TokenURL)
		o.Claims = nil
		o.EndpointParams = maps.Clone(o.EndpointParams)
		for k := range o.EndpointParams {
			o.EndpointParams[k] = hidden
		}
		h.OAuth2 = &o
	}
	return yaml.Marshal(&shown)
}

// RedactURL gives an address without what may be secret in it: the user and the values of the query.
func RedactURL(u *url.URL) string {
	if u == nil {
		return ""
	}
	r := *u
	if r.User != nil {
		r.User = url.User("xxxxx")
	}
	if r.RawQuery != "" {
		q := r.Query()
		for k := range q {
			q[k] = []string{"xxxxx"}
		}
		r.RawQuery = q.Encode()
	}
	return r.String()
}

func redactedURL(u *commonconfig.URL) *commonconfig.URL {
	if u == nil || u.URL == nil {
		return &commonconfig.URL{}
	}
	r, err := url.Parse(RedactURL(u.URL))
	if err != nil {
		r = &url.URL{}
	}
	return &commonconfig.URL{URL: r}
}

func redactedAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return hidden
	}
	return RedactURL(u)
}

func redactedHeaders(h *commonconfig.Headers) *commonconfig.Headers {
	if h == nil {
		return nil
	}
	r := &commonconfig.Headers{Headers: map[string]commonconfig.Header{}}
	for name, header := range h.Headers {
		values := make([]string, len(header.Values))
		for i := range values {
			values[i] = hidden
		}
		header.Values = values
		r.Headers[name] = header
	}
	return r
}
