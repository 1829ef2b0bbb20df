package config

import (
	"bytes"
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
	shown.Tasks = make([]*Task, len(c.Tasks))
	for i, t := range c.Tasks {
		own := *t
		own.Preset = "" // all of it is written out
		shown.Tasks[i] = &own
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

// Expanded is the complete configuration as YAML, as Redacted gives it, that means the same without presets and
// defaults. A comment says which preset a task comes from.
func (c *Config) Expanded() ([]byte, error) {
	text, err := c.Redacted()
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	for i, n := range get(doc.Content[0], "tasks").Content {
		if from := c.Tasks[i].Preset; from != "" {
			n.HeadComment = "of a preset: " + from
		}
	}
	var b bytes.Buffer
	b.WriteString(SchemaComment + "\n")
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	err = e.Encode(&doc)
	return b.Bytes(), err
}
