package demo

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/storage"
)

const scrapeConfig = `
global: {scrape_interval: 15s}
scrape_configs:
  - job_name: foresight
    honor_labels: true
    static_configs: [{targets: []}]
`

// scraper is Prometheus's own scraper with one target.
type scraper struct {
	manager *scrape.Manager
	targets chan map[string][]*targetgroup.Group
	wg      sync.WaitGroup
}

func newScraper(to storage.Appendable, logger *slog.Logger) (*scraper, error) {
	c, err := config.Load(scrapeConfig, logger)
	if err != nil {
		return nil, fmt.Errorf("scrape configuration: %w", err)
	}
	o := &scrape.Options{DiscoveryReloadInterval: model.Duration(100 * time.Millisecond)}
	manager, err := scrape.NewManager(o, logger, nil, to, nil, prometheus.NewRegistry())
	if err != nil {
		return nil, err
	}
	if err := manager.ApplyConfig(c); err != nil {
		return nil, fmt.Errorf("scrape configuration: %w", err)
	}
	s := &scraper{manager: manager, targets: make(chan map[string][]*targetgroup.Group)}
	s.wg.Go(func() { _ = manager.Run(s.targets) }) // gives nil, at Stop
	return s, nil
}

// follow makes address the only target.
func (s *scraper) follow(address string) {
	s.targets <- map[string][]*targetgroup.Group{"foresight": {{
		Source:  "demo",
		Targets: []model.LabelSet{{model.AddressLabel: model.LabelValue(address)}},
	}}}
}

func (s *scraper) close() {
	s.manager.Stop()
	s.wg.Wait()
}
