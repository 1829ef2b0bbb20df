package main

// The dashboards, by their stable uid.
const (
	uidFleet   = "foresight-fleet"
	uidTask    = "foresight-task"
	uidSeries  = "foresight-series"
	uidQuality = "foresight-quality"
	uidSelf    = "foresight-self"
)

// columns is the width of Grafana's grid.
const columns = 24

// builder lays panels out from left to right and from top to bottom.
type builder struct {
	dashboard

	x, y, height int
}

// newBuilder begins a dashboard; alerts selects those that it shows as annotations.
func newBuilder(uid, title, description, alerts string, span timeRange) *builder {
	return &builder{dashboard: dashboard{
		UID: uid, Title: title, Description: description, Tags: []string{"foresight"}, Time: span, Timezone: "browser",
		Editable: true, GraphTooltip: 1, Refresh: "1m", Schema: schemaVersion,
		Annotations: annotations{List: []annotation{
			{
				BuiltIn: 1, Datasource: datasource{"grafana", "-- Grafana --"}, Enable: true, Hide: true,
				IconColor: "rgba(0, 211, 255, 1)", Name: "Annotations & Alerts", Type: "dashboard",
			},
			{
				Datasource: prometheus(), Enable: true, Expr: `ALERTS{alertstate="firing", ` + alerts + `}`, IconColor: "red",
				Name: "Foresight's alerts", TitleFormat: "{{alertname}}", TextFormat: "{{task}} {{task_series}} {{task_group}}", TagKeys: "severity",
			},
		}},
		Links: []link{
			{Title: "Foresight", Type: "dashboards", Tags: []string{"foresight"}, AsDropdown: true, Icon: "external link", IncludeVars: true, KeepTime: true},
			{Title: "Pages of Foresight", Type: "link", Icon: "external link", URL: "${foresight}", TargetBlank: true},
		},
		Templating: templating{List: []variable{
			{
				Type: "datasource", Name: "datasource", Label: "Data source", Query: "prometheus", Refresh: 1,
				Description: "The Prometheus that scrapes Foresight.", Current: map[string]any{}, Options: []any{},
			},
		}},
		Panels: []panel{},
	}}
}

// done gives the dashboard, with the address of the pages as its last variable.
func (b *builder) done() dashboard {
	value := map[string]any{"selected": true, "text": defaultPages, "value": defaultPages}
	b.Templating.List = append(b.Templating.List, variable{
		Type: "textbox", Name: "foresight", Label: "Pages", Query: defaultPages,
		Description: "Where browsers reach Foresight, for links to its pages.", Current: value, Options: []any{value},
	})
	return b.dashboard
}

// defaultPages is where the pages are until another address is given.
const defaultPages = "http://localhost:10780"

// variable adds one that asks the data source.
func (b *builder) variable(name, label, description, definition string) *variable {
	b.Templating.List = append(b.Templating.List, variable{
		Type: "query", Name: name, Label: label, Description: description, Datasource: new(prometheus()),
		Definition: definition, Query: variableQuery{definition, "StandardVariableQuery"},
		Current: map[string]any{}, Options: []any{}, Refresh: 2, Sort: 1,
	})
	return &b.Templating.List[len(b.Templating.List)-1]
}

// all lets several values be chosen, all of them at first.
func (v *variable) all() {
	v.Multi, v.IncludeAll, v.AllValue = true, true, ".+"
	v.Current = map[string]any{"selected": true, "text": []string{"All"}, "value": []string{"$__all"}}
}

// row begins a new row with a title.
func (b *builder) row(title string) {
	b.feed()
	b.Panels = append(b.Panels, panel{Type: "row", Title: title, ID: b.id(), GridPos: gridPos{H: 1, W: columns, Y: b.y}})
	b.y++
}

func (b *builder) id() int { return len(b.Panels) + 1 }

func (b *builder) feed() {
	b.x, b.y, b.height = 0, b.y+b.height, 0
}

// add places a panel to the right of the one before, or below where there is no room.
func (b *builder) add(width, height int, p panel) {
	if b.x+width > columns {
		b.feed()
	}
	p.ID, p.GridPos = b.id(), gridPos{H: height, W: width, X: b.x, Y: b.y}
	b.Panels = append(b.Panels, p)
	b.x, b.height = b.x+width, max(b.height, height)
}
