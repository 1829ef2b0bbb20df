package exhaustion

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestDbg(t *testing.T) {
	f, err := os.Open(os.Getenv("DBG"))
	if err != nil {
		t.Skip()
	}
	lim, _ := strconv.ParseFloat(os.Getenv("LIM"), 64)
	m := New(300000*func() int64 {
		if os.Getenv("STEP") != "" {
			v, _ := strconv.Atoi(os.Getenv("STEP"))
			return int64(v)
		}
		return 1
	}(), &Options{Within: []time.Duration{24 * time.Hour, 96 * time.Hour, 336 * time.Hour}, Falling: os.Getenv("FALL") != ""})
	s := bufio.NewScanner(f)
	s.Scan()
	n := 0
	var every, _ = strconv.Atoi(os.Getenv("EVERY"))
	if every == 0 {
		every = 36
	}
	var from, _ = strconv.Atoi(os.Getenv("FROM"))
	for s.Scan() {
		p := strings.Split(s.Text(), ",")
		ts, _ := strconv.ParseInt(p[0], 10, 64)
		v, _ := strconv.ParseFloat(p[1], 64)
		m.Observe(ts*1000, v)
		n++
		if n%every == 0 && n > from {
			var a Assessment
			m.Assess(&a, lim)
			l := float64(float32(m.ring.scaled(m.mirror(lim))))
			g, ok := m.present.rise(&m.track, &m.ring, l, m.ring.last)
			u := m.ring.unit
			mean, sp, pp := 0., 0., 0.
			if ok {
				mean, sp, pp = g.reach()
			}
			fmt.Printf("%d v=%.2f P1d=%.3f P4=%.3f P14=%.3f p50=%.1fh | saw %v wave %v peaks %d tops %d thr %.3g fall %v noise %.3g | ok %v p=%.3f slope=%.3g/h len=%.1f age=%.1f err=%.3f T=%.1f s=%.2f share=%.2f class %v\n", n, v, a.Probability[0], a.Probability[1], a.Probability[2], a.Seconds[1]/3600, m.present.saw, m.present.wave, len(m.present.peaks), m.track.tops, float64(m.track.threshold)*u, m.track.falling, m.present.noise*u, ok, g.p, g.line.slope*u, g.line.length, g.age, g.line.err, mean, sp, pp, m.law.class)
		}
	}
}
