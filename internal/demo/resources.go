package demo

import (
	"math"
	"time"
)

// disk is one filesystem; used gives its bytes.
type disk struct {
	instance, mountpoint, device string
	size                         float64
	used                         func(moment) float64
}

func (s *story) disks() {
	all := []disk{
		{"db-1:9100", "/data", "/dev/nvme1n1", 500 * gib, s.filling(500 * gib)},
		{"web-1:9100", "/var/log", "/dev/sdb1", 50 * gib, s.rotating(50 * gib)},
		{"ci-1:9100", "/var/lib/containers", "/dev/sdb1", 200 * gib, s.collected(200 * gib)},
		{"web-1:9100", "/", "/dev/sda1", 40 * gib, s.slow("web-1", 22*gib, 0.01*gib)},
		{"db-1:9100", "/", "/dev/sda1", 40 * gib, s.slow("db-1", 17*gib, 0.005*gib)},
	}
	size := s.add("node_filesystem_size_bytes", "gauge", "Filesystem size in bytes.")
	for _, d := range all {
		size.with(func(moment) float64 { return d.size }, d.labels()...)
	}
	avail := s.add("node_filesystem_avail_bytes", "gauge", "Filesystem space available to non-root users in bytes.")
	for _, d := range all {
		avail.with(func(m moment) float64 {
			return d.size - math.Round(min(max(d.used(m), 0), d.size)/4096)*4096
		}, d.labels()...)
	}
}

func (d disk) labels() []string {
	return []string{"job", "node", "instance", d.instance, "mountpoint", d.mountpoint, "device", d.device, "fstype", "ext4"}
}

// filling grows by 10 GiB a day under a daily rotation of 15 GiB and reaches its size at dataFull for the first time:
// 18 hours after a rotation, since the peak before that one is still 4 GiB short of it. Two hours after, half of it is
// deleted.
func (s *story) filling(size float64) func(moment) float64 {
	const growth, rotated = 10 * gib, 15 * gib
	full := s.in(dataFull)
	n := s.noise("data", 5*time.Hour)
	level := func(t float64) float64 {
		since := t - (full - 18*hour)
		_, f := math.Modf(since/day + 1000)
		return growth*since/day + rotated*f + 0.25*gib*n.at(t)
	}
	atFull := level(full)
	return func(m moment) float64 {
		used := size + level(m.t) - atFull
		if m.t > full+2*hour {
			used -= size / 2
		}
		return used
	}
}

// rotating fills to between 70 and 90 percent each day, by how busy the day was, and is emptied at midnight UTC.
func (s *story) rotating(size float64) func(moment) float64 {
	n := s.noise("rotating", time.Minute)
	return func(m moment) float64 {
		k, f := math.Modf(m.t / day)
		peak := 0.78 + 0.10*n.uniform(int64(k))
		if weekday := (int64(k) + 4) % 7; weekday == 0 || weekday == 6 {
			peak -= 0.12
		}
		return size * (0.12 + (peak-0.12)*f)
	}
}

// collected is filled by builds until the images are collected at 85 percent, every two or three days.
func (s *story) collected(size float64) func(moment) float64 {
	n := s.noise("collected", 30*time.Minute)
	c := newCycles(n, s.in(-History)-day, s.in(span), s.in(14*time.Hour), 58*hour, 0.2)
	return func(m moment) float64 {
		k, f := c.phase(m.t)
		low := 0.52 + 0.06*n.uniform(int64(k))
		return size * (low + (0.85-low)*f + 0.002*n.at(m.t))
	}
}

// slow grows by some bytes a day.
func (s *story) slow(name string, base, growth float64) func(moment) float64 {
	n := s.noise("slow/"+name, 3*time.Hour)
	return func(m moment) float64 {
		return base + growth*(m.t-s.start)/day + 0.02*gib*n.at(m.t)
	}
}

// memory is a leaking service whose two pods are restarted at their limit, and two that do not leak.
func (s *story) memory() {
	const limit = 2 * gib
	type pod struct {
		name string
		used func(moment) float64
	}
	pods := []pod{
		{"recommender-0", s.leaking("recommender-0", s.in(leakRestart), 62*hour, limit)},
		{"recommender-1", s.leaking("recommender-1", s.in(40*time.Hour), 70*hour, limit)},
		{"catalog-0", s.breathing("catalog-0", 700*mib)},
		{"catalog-1", s.breathing("catalog-1", 720*mib)},
	}
	used := s.add("container_memory_working_set_bytes", "gauge", "Current working set of the container in bytes.")
	for _, p := range pods {
		used.with(p.used, podLabels(p.name)...)
	}
	limits := s.add("container_spec_memory_limit_bytes", "gauge", "Memory limit of the container in bytes.")
	for _, p := range pods {
		limits.with(func(moment) float64 { return limit }, podLabels(p.name)...)
	}
}

func podLabels(pod string) []string {
	return []string{"job", "cadvisor", "instance", "k8s-1:10250", "namespace", "shop", "pod", pod, "container", "app"}
}

func (s *story) leaking(name string, restart, mean, limit float64) func(moment) float64 {
	n := s.noise("leak/"+name, 10*time.Minute)
	c := newCycles(n, s.in(-History)-day, s.in(span), restart, mean, 0.12)
	return func(m moment) float64 {
		_, f := c.phase(m.t)
		return min(limit*(0.2+0.8*f+0.004*n.at(m.t)), limit)
	}
}

func (s *story) breathing(name string, mean float64) func(moment) float64 {
	n := s.noise("memory/"+name, 15*time.Minute)
	return func(m moment) float64 { return mean * (0.9 + 0.1*m.busy + 0.02*n.at(m.t)) }
}

// machines gives the processor use of the servers, a ratio.
func (s *story) machines() {
	use := s.add("instance:node_cpu_utilisation:ratio", "gauge", "Share of processor time in use.")
	for _, v := range []struct {
		instance   string
		base, busy float64
	}{{"web-1:9100", 0.06, 0.28}, {"web-2:9100", 0.06, 0.26}, {"db-1:9100", 0.15, 0.20}} {
		n := s.noise("cpu/"+v.instance, 3*time.Minute)
		use.with(func(m moment) float64 {
			return min(max((v.base+v.busy*m.busy)*(1+0.08*n.at(m.t)), 0), 1)
		}, "job", "node", "instance", v.instance)
	}
}

// queues gives the messages that wait: of orders by day, of emails in batches each night.
func (s *story) queues() {
	waiting := s.add("rabbitmq_queue_messages", "gauge", "Sum of ready and unacknowledged messages.")
	orders := s.noise("queue/orders", 4*time.Minute)
	waiting.with(func(m moment) float64 {
		stuck := m.t - s.in(queueStuck)
		backlog := 0.0
		if freed := (queueFreed - queueStuck).Seconds(); stuck > 0 {
			backlog = 1.5*min(stuck, freed) - 6*max(stuck-freed, 0)
		}
		return math.Round(max(40*m.busy*math.Exp(0.25*orders.at(m.t)), 0) + max(backlog, 0))
	}, "job", "rabbitmq", "instance", "queue-1:15692", "queue", "orders")
	emails := s.noise("queue/emails", 4*time.Minute)
	waiting.with(func(m moment) float64 {
		_, f := math.Modf((m.t - 1*hour) / day)
		batch := 0.0
		if since := f * day; since < 3*hour {
			batch = 9000 * min(since/(0.3*hour), 1) * (1 - ramp(since, 0.5*hour, 2.5*hour))
		}
		return math.Round(batch + max(12+5*emails.at(m.t), 0))
	}, "job", "rabbitmq", "instance", "queue-1:15692", "queue", "emails")
}

// budgets gives what is left of the month's error budgets: that of checkout is spent at budgetSpent.
func (s *story) budgets() {
	left := s.add("slo:period_error_budget_remaining:ratio", "gauge", "Share of the error budget of the month that is left.")
	n := s.noise("budget", 4*time.Hour)
	begin, spent := s.in(-26*24*time.Hour), s.in(budgetSpent)
	level := func(t float64) float64 { return 1 - (t-begin)/(spent-begin) + 0.002*(n.at(t)-n.at(spent)) }
	left.with(func(m moment) float64 {
		if m.t < begin {
			return min(max(0.31-0.02*(m.t-begin)/day, 0), 1)
		}
		return min(max(level(m.t), 0), 1)
	}, "sloth_slo", "availability", "sloth_service", "checkout")
	calm := s.noise("budget/search", 12*time.Hour)
	left.with(func(m moment) float64 { return 0.82 + 0.02*calm.at(m.t) }, "sloth_slo", "latency", "sloth_service", "search")
}

// orders is a metric without any label, as a script pushes them.
func (s *story) orders() {
	n := s.noise("orders", 5*time.Minute)
	s.add("shop_orders_per_minute", "gauge", "Orders placed in the shop.").with(func(m moment) float64 {
		return max(24*m.busy*math.Exp(0.10*n.at(m.t))*(1-0.45*s.trouble(m.t)), 0)
	})
}
