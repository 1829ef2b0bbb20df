package main

// The types below are the part of Grafana's classic dashboard model (schema version 39: Grafana 10.4 and later) that
// these dashboards use. Fields are in the order in which Grafana writes them.

const schemaVersion = 39

type dashboard struct {
	Annotations  annotations `json:"annotations"`
	Description  string      `json:"description"`
	Editable     bool        `json:"editable"`
	GraphTooltip int         `json:"graphTooltip"` // 1: shared crosshair
	Links        []link      `json:"links"`
	Panels       []panel     `json:"panels"`
	Refresh      string      `json:"refresh"`
	Schema       int         `json:"schemaVersion"`
	Tags         []string    `json:"tags"`
	Templating   templating  `json:"templating"`
	Time         timeRange   `json:"time"`
	Timezone     string      `json:"timezone"`
	Title        string      `json:"title"`
	UID          string      `json:"uid"`
}

type timeRange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type annotations struct {
	List []annotation `json:"list"`
}

type annotation struct {
	BuiltIn     int        `json:"builtIn,omitempty"`
	Datasource  datasource `json:"datasource"`
	Enable      bool       `json:"enable"`
	Expr        string     `json:"expr,omitempty"`
	Hide        bool       `json:"hide,omitempty"`
	IconColor   string     `json:"iconColor"`
	Name        string     `json:"name"`
	TagKeys     string     `json:"tagKeys,omitempty"`
	TextFormat  string     `json:"textFormat,omitempty"`
	TitleFormat string     `json:"titleFormat,omitempty"`
	Type        string     `json:"type,omitempty"`
}

type link struct {
	AsDropdown  bool     `json:"asDropdown,omitempty"`
	Icon        string   `json:"icon,omitempty"`
	IncludeVars bool     `json:"includeVars,omitempty"`
	KeepTime    bool     `json:"keepTime,omitempty"`
	Tags        []string `json:"tags,omitempty"`
	TargetBlank bool     `json:"targetBlank,omitempty"`
	Title       string   `json:"title"`
	Type        string   `json:"type,omitempty"` // of the dashboard's links: dashboards or link
	URL         string   `json:"url"`
}

type templating struct {
	List []variable `json:"list"`
}

type variable struct {
	AllValue    string         `json:"allValue,omitempty"`
	Current     map[string]any `json:"current"`
	Datasource  *datasource    `json:"datasource,omitempty"`
	Definition  string         `json:"definition,omitempty"`
	Description string         `json:"description,omitempty"`
	IncludeAll  bool           `json:"includeAll,omitempty"`
	Label       string         `json:"label"`
	Multi       bool           `json:"multi,omitempty"`
	Name        string         `json:"name"`
	Options     []any          `json:"options"`
	Query       any            `json:"query"` // text, or a variableQuery
	Refresh     int            `json:"refresh,omitempty"`
	Regex       string         `json:"regex,omitempty"`
	Sort        int            `json:"sort,omitempty"`
	Type        string         `json:"type"`
}

type variableQuery struct {
	Query string `json:"query"`
	RefID string `json:"refId"`
}

type panel struct {
	Collapsed       bool             `json:"collapsed,omitempty"`
	Datasource      *datasource      `json:"datasource,omitempty"`
	Description     string           `json:"description,omitempty"`
	FieldConfig     *fieldConfig     `json:"fieldConfig,omitempty"`
	GridPos         gridPos          `json:"gridPos"`
	ID              int              `json:"id"`
	Options         map[string]any   `json:"options,omitempty"`
	Panels          []panel          `json:"panels,omitempty"`
	Repeat          string           `json:"repeat,omitempty"`
	RepeatDirection string           `json:"repeatDirection,omitempty"`
	MaxPerRow       int              `json:"maxPerRow,omitempty"`
	Targets         []target         `json:"targets,omitempty"`
	Title           string           `json:"title"`
	Transformations []transformation `json:"transformations,omitempty"`
	Type            string           `json:"type"`
}

type gridPos struct {
	H int `json:"h"`
	W int `json:"w"`
	X int `json:"x"`
	Y int `json:"y"`
}

type target struct {
	Datasource   datasource `json:"datasource"`
	EditorMode   string     `json:"editorMode"`
	Expr         string     `json:"expr"`
	Format       string     `json:"format"`
	Instant      bool       `json:"instant"`
	LegendFormat string     `json:"legendFormat"`
	Range        bool       `json:"range"`
	RefID        string     `json:"refId"`
}

type transformation struct {
	ID      string         `json:"id"`
	Options map[string]any `json:"options"`
}

type fieldConfig struct {
	Defaults  fieldDefaults `json:"defaults"`
	Overrides []override    `json:"overrides"`
}

type fieldDefaults struct {
	Color      map[string]string `json:"color"`
	Custom     map[string]any    `json:"custom,omitempty"`
	Links      []link            `json:"links,omitempty"`
	Mappings   []any             `json:"mappings"`
	Max        *float64          `json:"max,omitempty"`
	Min        *float64          `json:"min,omitempty"`
	NoValue    string            `json:"noValue,omitempty"`
	Thresholds thresholds        `json:"thresholds"`
	Unit       string            `json:"unit"`
}

type thresholds struct {
	Mode  string          `json:"mode"`
	Steps []thresholdStep `json:"steps"`
}

type thresholdStep struct {
	Color string   `json:"color"`
	Value *float64 `json:"value"` // nil: the base
}

type override struct {
	Matcher    matcher    `json:"matcher"`
	Properties []property `json:"properties"`
}

type matcher struct {
	ID      string `json:"id"`
	Options any    `json:"options"`
}

type property struct {
	ID    string `json:"id"`
	Value any    `json:"value"`
}
