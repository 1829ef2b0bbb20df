package main

import "github.com/foresight-exporter/foresight/internal/board"

// prometheus is the data source that a dashboard's variable names.
func prometheus() datasource { return datasource{Type: "prometheus", UID: "${datasource}"} }

// query is one expression of a panel with the name of its curve or column.
type query struct {
	expr, name string
}

// auto names a curve by all the labels that tell it from the others.
const auto = "__auto"

func newPanel(kind, title, description, unit string, queries []query) panel {
	p := panel{
		Type: kind, Title: title, Description: description, Datasource: new(prometheus()),
		FieldConfig: &fieldConfig{
			Defaults: fieldDefaults{
				Color: map[string]string{"mode": "palette-classic"}, Mappings: []any{}, Unit: unit,
				Thresholds: thresholds{Mode: "absolute", Steps: []thresholdStep{{Color: "green"}}},
			},
			Overrides: []override{},
		},
	}
	for i, q := range queries {
		p.Targets = append(p.Targets, target{
			Datasource: prometheus(), EditorMode: "code", Expr: q.expr, Format: "time_series", Range: true,
			LegendFormat: q.name, RefID: refID(i),
		})
	}
	return p
}

// refID names the queries of a panel A, B, C, ...
func refID(i int) string { return string(rune('A' + i)) }

// graph shows curves over time.
func graph(title, description, unit string, queries ...query) panel {
	p := newPanel("timeseries", title, description, unit, queries)
	p.FieldConfig.Defaults.Custom = map[string]any{
		"drawStyle": "line", "lineWidth": 1, "fillOpacity": 0, "showPoints": "never", "spanNulls": false,
		"thresholdsStyle": map[string]any{"mode": "off"},
	}
	p.Options = map[string]any{
		"legend":  map[string]any{"calcs": []string{"lastNotNull"}, "displayMode": "table", "placement": "bottom", "showLegend": true},
		"tooltip": map[string]any{"mode": "multi", "sort": "desc"},
	}
	return p
}

// stat shows the present as a number.
func stat(title, description, unit, expr string) panel {
	p := newPanel("stat", title, description, unit, []query{{expr, auto}})
	p.Targets[0].Instant, p.Targets[0].Range = true, false
	p.FieldConfig.Defaults.Color["mode"] = "thresholds"
	p.Options = map[string]any{
		"colorMode": "value", "graphMode": "none", "justifyMode": "auto", "orientation": "auto", "textMode": "auto",
		"reduceOptions": map[string]any{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
	}
	return p
}

// table shows the present, a row for each label set and a column for each query.
func table(title, description string, queries ...query) panel {
	p := newPanel("table", title, description, "short", queries)
	rename := map[string]any{}
	for i := range p.Targets {
		t := &p.Targets[i]
		t.Instant, t.Range, t.Format, t.LegendFormat = true, false, "table", ""
		column := "Value"
		if len(p.Targets) > 1 {
			column += " #" + t.RefID
		}
		rename[column] = queries[i].name
	}
	p.FieldConfig.Defaults.Custom = map[string]any{"align": "auto", "filterable": true, "inspect": false}
	p.FieldConfig.Defaults.Color["mode"] = "thresholds"
	p.Options = map[string]any{
		"cellHeight": "sm", "showHeader": true,
		"footer": map[string]any{"show": false, "reducer": []string{"sum"}, "countRows": false, "fields": ""},
	}
	p.Transformations = []transformation{
		{ID: "merge", Options: map[string]any{}},
		{ID: "organize", Options: map[string]any{
			"excludeByName": map[string]any{"Time": true, "__name__": true}, "indexByName": map[string]any{}, "renameByName": rename,
		}},
	}
	return p
}

// column sets the unit of a table's column, and colours its values from the steps on.
func (p panel) column(name, unit string, steps ...thresholdStep) panel {
	o := override{Matcher: matcher{"byName", name}, Properties: []property{{"unit", unit}}}
	if len(steps) > 0 {
		o.Properties = append(o.Properties,
			property{"custom.cellOptions", map[string]any{"type": "color-text"}},
			property{"thresholds", thresholds{Mode: "absolute", Steps: append([]thresholdStep{{Color: "text"}}, steps...)}})
	}
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, o)
	return p
}

// sorted orders a table by a column.
func (p panel) sorted(name string, descending bool) panel {
	p.Options["sortBy"] = []map[string]any{{"displayName": name, "desc": descending}}
	return p
}

// taskLinks makes the task's name in a table lead to its dashboards and its page.
func (p panel) taskLinks() panel {
	const variables = "?var-task=${__value.raw:percentencode}&${datasource:queryparam}&${foresight:queryparam}"
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, override{
		Matcher: matcher{"byName", "task"},
		Properties: []property{{"links", []link{
			{Title: "Task", URL: "/d/" + uidTask + "/" + variables},
			{Title: "Series", URL: "/d/" + uidSeries + "/" + variables},
			{Title: "Page of Foresight", URL: "${foresight}/tasks?task=${__value.raw:percentencode}", TargetBlank: true},
		}}},
	})
	return p
}

// ratio makes the scale go from 0 to 1.
func (p panel) ratio() panel {
	p.FieldConfig.Defaults.Min, p.FieldConfig.Defaults.Max = new(0.0), new(1.0)
	return p
}

// positive makes the scale begin at 0.
func (p panel) positive() panel {
	p.FieldConfig.Defaults.Min = new(0.0)
	return p
}

// steps colours values from each step's on; base is the colour below all of them.
func (p panel) steps(base string, steps ...thresholdStep) panel {
	p.FieldConfig.Defaults.Thresholds.Steps = append([]thresholdStep{{Color: base}}, steps...)
	return p
}

// otherwise is shown where there is no value.
func (p panel) otherwise(text string) panel {
	p.FieldConfig.Defaults.NoValue = text
	return p
}

// line draws the steps of a graph as dashed lines.
func (p panel) line() panel {
	p.FieldConfig.Defaults.Custom["thresholdsStyle"] = map[string]any{"mode": "dashed"}
	return p
}

// stacked stacks the curves.
func (p panel) stacked() panel {
	p.FieldConfig.Defaults.Custom["stacking"] = map[string]any{"mode": "normal", "group": "A"}
	p.FieldConfig.Defaults.Custom["fillOpacity"] = 30
	return p
}

// band fills the space between the curves lower and upper, and draws expected dashed and observed bold.
func (p panel) band() panel {
	edge := func(name string, more ...property) override {
		return override{Matcher: matcher{"byName", name}, Properties: append([]property{
			{"color", map[string]string{"mode": "fixed", "fixedColor": "blue"}}, {"custom.lineWidth", 0},
		}, more...)}
	}
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides,
		edge("lower"),
		edge("upper", property{"custom.fillBelowTo", "lower"}, property{"custom.fillOpacity", 15}),
		override{Matcher: matcher{"byName", "expected"}, Properties: []property{
			{"color", map[string]string{"mode": "fixed", "fixedColor": "blue"}},
			{"custom.lineStyle", map[string]any{"fill": "dash", "dash": []int{8, 6}}},
		}},
		override{Matcher: matcher{"byName", "observed"}, Properties: []property{
			{"color", map[string]string{"mode": "fixed", "fixedColor": "text"}}, {"custom.lineWidth", 2},
		}},
	)
	return p
}

func at(value float64, color string) thresholdStep { return thresholdStep{color, new(value)} }

// sel is a selector of a metric of the board.
func sel(m board.Metric, matchers string) string { return m.Name + "{" + matchers + "}" }
