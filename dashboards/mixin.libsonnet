// Foresight as a monitoring mixin: jb install github.com/foresight-exporter/foresight/dashboards
//
//   (import 'dashboards/mixin.libsonnet') + {
//     _config+:: {
//       pages: 'https://foresight.example.com',
//       rules: importstr 'rules/foresight.rules.yml',  // of your tasks, as foresight rules writes them
//     },
//   }
{
  _config+:: {
    pages: 'http://localhost:10780',  // where browsers reach Foresight
    rules: importstr 'foresight.rules.yml',  // text of a rule file; this one: the alerts on Foresight itself
  },

  local dashboard(d) = d {
    templating+: {
      list: [
        if v.name == 'foresight' then
          local value = { selected: true, text: $._config.pages, value: $._config.pages };
          v { query: $._config.pages, current: value, options: [value] }
        else v
        for v in d.templating.list
      ],
    },
  },

  grafanaDashboards+:: {
    'foresight-fleet.json': dashboard(import 'foresight-fleet.json'),
    'foresight-quality.json': dashboard(import 'foresight-quality.json'),
    'foresight-self.json': dashboard(import 'foresight-self.json'),
    'foresight-series.json': dashboard(import 'foresight-series.json'),
    'foresight-task.json': dashboard(import 'foresight-task.json'),
  },

  // The groups of the rule file, with those rules only that are of a kind: alert or record.
  local groups(kind) = [
    g
    for g in [g { rules: [r for r in g.rules if kind in r] } for g in std.parseYaml($._config.rules).groups]
    if g.rules != []
  ],

  prometheusAlerts+:: { groups+: groups('alert') },
  prometheusRules+:: { groups+: groups('record') },
}
