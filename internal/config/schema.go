package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/presets"
)

// SchemaURL is where docs/foresight.schema.json is published.
const SchemaURL = "https://raw.githubusercontent.com/foresight-exporter/foresight/main/docs/foresight.schema.json"

// SchemaComment is the first line of a configuration that is written for people: editors with a YAML language server
// then complete and check it.
const SchemaComment = "# yaml-language-server: $schema=" + SchemaURL

// schema is a JSON Schema, draft 2020-12, as far as it is used here.
type schema struct {
	Version     string             `json:"$schema,omitempty"`
	ID          string             `json:"$id,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        any                `json:"type,omitempty"` // a string or several
	Enum        []string           `json:"enum,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	MinLength   int                `json:"minLength,omitempty"`
	Minimum     *float64           `json:"minimum,omitempty"`
	Maximum     *float64           `json:"maximum,omitempty"`
	Above       *float64           `json:"exclusiveMinimum,omitempty"`
	Below       *float64           `json:"exclusiveMaximum,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Additional  any                `json:"additionalProperties,omitempty"` // false or a schema
	Items       *schema            `json:"items,omitempty"`
	MinItems    int                `json:"minItems,omitempty"`
	Unique      bool               `json:"uniqueItems,omitempty"`
	OneOf       []*schema          `json:"oneOf,omitempty"`
	AnyOf       []*schema          `json:"anyOf,omitempty"`
	Not         *schema            `json:"not,omitempty"`
	MaxFields   int                `json:"maxProperties,omitempty"`
}

// Schema returns the JSON Schema of a configuration: its fields by the types of this package, what they mean by the tables
// of docs/configuration.md, which reference is, and what of their values can be told without knowing the others. A
// configuration that it refuses is refused by Parse too, but for null and for numbers and booleans where text is meant.
func Schema(reference []byte) ([]byte, error) {
	w := schemaWriter{meanings: meaningsOf(reference)}
	root, err := w.of(reflect.TypeFor[Config](), "")
	if err != nil {
		return nil, err
	}
	root.Version, root.ID, root.Title = "https://json-schema.org/draft/2020-12/schema", SchemaURL, "Configuration of Foresight"
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err = e.Encode(root)
	return b.Bytes(), err
}

// schemaWriter writes the schemas of types; meanings are those of fields, by section and name.
type schemaWriter struct {
	meanings map[string]string
}

// The sections of the reference that types of this package are described in; others have none of their own.
var sections = map[reflect.Type]string{
	reflect.TypeFor[Source]():     "source",
	reflect.TypeFor[PresetUse]():  "presets",
	reflect.TypeFor[Defaults]():   "tasks",
	reflect.TypeFor[Task]():       "tasks",
	reflect.TypeFor[Anomaly]():    "anomaly",
	reflect.TypeFor[Exhaustion](): "exhaustion",
	reflect.TypeFor[Alert]():      "alert",
	reflect.TypeFor[Rules]():      "rules",
}

func (w *schemaWriter) of(t reflect.Type, section string) (*schema, error) {
	if t.Kind() == reflect.Pointer {
		return w.of(t.Elem(), section)
	}
	if s := leafSchema(t); s != nil {
		return s, nil
	}
	if t == reflect.TypeFor[PresetUse]() {
		return w.presetUse()
	}
	fields, rest := fieldsOf(t)
	switch {
	case fields != nil || rest != nil:
		return w.object(t, fields, rest, section)
	case t.Kind() == reflect.Map:
		s := &schema{Type: "object"}
		if t.Elem().Kind() == reflect.Interface {
			return s, nil
		}
		value, err := w.of(t.Elem(), section)
		s.Additional = value
		return s, err
	case t.Kind() == reflect.Slice:
		items, err := w.of(t.Elem(), section)
		return &schema{Type: "array", Items: items}, err
	}
	return nil, fmt.Errorf("no schema for the type %v: leafSchema must have one", t)
}

// presetUse is the schema of an entry of presets, which is written in three ways.
func (w *schemaWriter) presetUse() (*schema, error) {
	t := reflect.TypeFor[PresetUse]()
	fields, _ := fieldsOf(t)
	file, err := w.object(t, fields, nil, "")
	if err != nil {
		return nil, err
	}
	file.Required = []string{"file"}
	options, err := w.of(reflect.TypeFor[PresetOptions](), "presets")
	return &schema{OneOf: []*schema{
		{Type: "string", Enum: presets.Names()},
		{Type: "object", Additional: options, MaxFields: 1},
		file,
	}}, err
}

func (w *schemaWriter) object(t reflect.Type, fields map[string]reflect.Type, rest reflect.Type, section string) (*schema, error) {
	s := &schema{Type: "object", Additional: false, Properties: map[string]*schema{}, Required: required(t)}
	if named := sections[t]; named != "" {
		section = named
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		field, err := w.of(fields[name], section)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		field.Description = w.meanings[section+"."+name]
		s.Properties[name] = field
	}
	if rest != nil {
		value, err := w.of(rest, section)
		if err != nil {
			return nil, err
		}
		s.Additional = value
	}
	return s, constrain(t, s)
}

// required are the fields of a type of this package that are written without omitempty.
func required(t reflect.Type) []string {
	if t.PkgPath() != reflect.TypeFor[Config]().PkgPath() {
		return nil
	}
	var names []string
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name != "" && name != "-" && options == "" {
			names = append(names, name)
		}
	}
	return names
}

const durationPattern = `^(0|([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$`

// leafSchema is the schema of a single value; nil for a type that is none.
func leafSchema(t reflect.Type) *schema {
	switch t {
	case reflect.TypeFor[model.Duration]():
		zero := 0.0 // a 0 needs no unit
		return &schema{Type: []string{"string", "integer"}, Pattern: durationPattern, MinLength: 1, Minimum: &zero, Maximum: &zero}
	case reflect.TypeFor[Season]():
		return &schema{OneOf: []*schema{
			{Enum: []string{"auto", "none"}},
			{Type: "array", Items: leafSchema(reflect.TypeFor[model.Duration]())},
		}}
	case reflect.TypeFor[PresetAlerts]():
		return &schema{OneOf: []*schema{{Type: "boolean"}, {Type: "array", Items: &schema{Type: "string"}}}}
	case reflect.TypeFor[Hours](), reflect.TypeFor[commonconfig.Secret](), reflect.TypeFor[commonconfig.URL]():
		return &schema{Type: "string"}
	case reflect.TypeFor[commonconfig.TLSVersion]():
		return &schema{Enum: slices.Sorted(maps.Keys(commonconfig.TLSVersions))}
	case reflect.TypeFor[board.Group]():
		var groups []string
		for _, g := range board.Groups {
			groups = append(groups, string(g))
		}
		return &schema{Enum: groups}
	case reflect.TypeFor[commonconfig.ProxyHeader]():
		return &schema{Type: "object", Additional: &schema{Type: "array", Items: &schema{Type: "string"}}}
	}
	switch t.Kind() {
	case reflect.String:
		return &schema{Type: "string"}
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.Int:
		return &schema{Type: "integer"}
	case reflect.Float64:
		return &schema{Type: "number"}
	default:
		return nil
	}
}

var tableRow = regexp.MustCompile("^\\| (`[^|]+) \\| [^|]* \\| (.*) \\|$")

// meaningsOf reads the tables of the reference: the section is the word in the last heading, the first column names one
// field or several, the third one says what they mean.
func meaningsOf(reference []byte) map[string]string {
	meanings, section := map[string]string{}, ""
	for line := range strings.Lines(string(reference)) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "#") {
			section = strings.Trim(strings.TrimLeft(line, "# "), "`")
			continue
		}
		if m := tableRow.FindStringSubmatch(line); m != nil {
			for name := range strings.SplitSeq(m[1], ", ") {
				meanings[section+"."+strings.Trim(name, "` ")] = plain(m[2])
			}
		}
	}
	return meanings
}

var link = regexp.MustCompile(`\[([^\]]+)\]\([^)]+\)`)

// plain is Markdown without its links and marks.
func plain(s string) string { return strings.ReplaceAll(link.ReplaceAllString(s, "$1"), "`", "") }

// constrain adds what the types do not say of the fields of t. It is an error if a field is not there.
func constrain(t reflect.Type, s *schema) error {
	var missing []error
	for name, change := range constraints()[t] {
		field := s.Properties[name]
		if field == nil {
			missing = append(missing, fmt.Errorf("%v has no field %q to constrain", t, name))
			continue
		}
		change(field)
	}
	switch t {
	case reflect.TypeFor[Config]():
		s.AnyOf = []*schema{{Required: []string{"tasks"}}, {Required: []string{"presets"}}}
	case reflect.TypeFor[Task]():
		s.AnyOf = []*schema{{Required: []string{"name", "expr"}}, {Required: []string{"preset"}}}
	case reflect.TypeFor[Exhaustion](): // that of a task of a preset may leave it to the preset
		s.OneOf = limits()
		s.OneOf = append(s.OneOf, &schema{Not: &schema{AnyOf: limits()}})
	}
	return errors.Join(missing...)
}

func limits() []*schema {
	return []*schema{{Required: []string{"limit"}}, {Required: []string{"limit_expr"}}, {Required: []string{"budget"}}}
}

// constraints are those of single values, as validate knows them; what hangs on other fields is left to it.
func constraints() map[reflect.Type]map[string]func(*schema) {
	between := func(low, high float64) func(*schema) {
		return func(s *schema) { s.Minimum, s.Maximum = &low, &high }
	}
	inside := func(low, high float64) func(*schema) {
		return func(s *schema) { s.Above, s.Below = &low, &high }
	}
	atLeast := func(low float64) func(*schema) { return func(s *schema) { s.Minimum = &low } }
	above := func(low float64) func(*schema) { return func(s *schema) { s.Above = &low } }
	oneOf := func(words ...string) func(*schema) {
		return func(s *schema) { s.Type, s.Enum = nil, words }
	}
	pattern := func(p string) func(*schema) { return func(s *schema) { s.Pattern = p } }
	unique := func(s *schema) { s.Unique = true }
	nonEmpty := func(s *schema) { s.MinLength = 1 }
	return map[reflect.Type]map[string]func(*schema){
		reflect.TypeFor[Config]():   {"exported_series_limit": atLeast(0)},
		reflect.TypeFor[Source]():   {"url": pattern(`^https?://`), "max_concurrent_queries": atLeast(1)},
		reflect.TypeFor[Defaults](): {"level": between(minLevel, maxLevel), "series_limit": atLeast(0)},
		reflect.TypeFor[Rules]():    {"lookahead": oneOf("", "remote_read"), "prefix": pattern(`^[a-zA-Z_][a-zA-Z0-9_]*$`)},
		reflect.TypeFor[Task](): {
			"name": nonEmpty, "preset": nonEmpty, "signal": oneOf(Signals()...), "owner": unique, "level": between(minLevel, maxLevel), "series_limit": atLeast(0),
			"expr": func(s *schema) { s.Type, s.MinLength = []string{"string", "number"}, 1 }, // 42 is PromQL
			"by":   unique, "group_by": unique,
			"outputs": func(s *schema) { s.Unique, s.MinItems = true, 1 },
		},
		reflect.TypeFor[Anomaly](): {
			"direction": oneOf("above", "below", "both"), "minimum_deviation": atLeast(0), "minimum_relative_deviation": atLeast(0),
			"false_events_per_week": above(0),
		},
		reflect.TypeFor[Exhaustion]():      {"direction": oneOf("rising", "falling"), "on": unique},
		reflect.TypeFor[Budget]():          {"objective": inside(0, 1)},
		reflect.TypeFor[ExhaustionAlert](): {"probability": inside(0, 1), "severity": nonEmpty},
		reflect.TypeFor[Alert]():           {"severity": nonEmpty, "group_ratio": func(s *schema) { above(0)(s); most := 1.0; s.Maximum = &most }},
	}
}
