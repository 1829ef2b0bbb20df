package e2e

import (
	"bufio"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// generator answers range and instant queries for many series with a day, each with a phase and noise of its own, as
// a Prometheus would; what it answers is not kept anywhere.
type generator struct {
	series   int
	day      [1440]int64  // hundredths, by minute
	instants atomic.Int64 // instant queries answered
}

func startGenerator(t *testing.T, series int) (*generator, string) {
	t.Helper()
	g := &generator{series: series}
	for i := range g.day {
		g.day[i] = int64(2000 * math.Sin(2*math.Pi*float64(i)/1440))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/v1/query_range", g.queryRange)
	mux.HandleFunc("/api/v1/query", g.query)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return g, s.URL
}

func (g *generator) queryRange(w http.ResponseWriter, r *http.Request) {
	start, end, step := seconds(r, "start"), seconds(r, "end"), seconds(r, "step")
	if step <= 0 || (end-start)/step > 11000 {
		http.Error(w, `{"status":"error","errorType":"bad_data","error":"exceeded maximum resolution of 11,000 points per timeseries"}`, http.StatusBadRequest)
		return
	}
	g.answer(w, "matrix", func(b []byte, i int) []byte {
		b = append(b, `"values":[`...)
		for t := start; t <= end; t += step {
			if t > start {
				b = append(b, ',')
			}
			b = g.appendSample(b, i, t)
		}
		return append(b, ']')
	})
}

func (g *generator) query(w http.ResponseWriter, r *http.Request) {
	g.instants.Add(1)
	at := seconds(r, "time")
	g.answer(w, "vector", func(b []byte, i int) []byte { return g.appendSample(append(b, `"value":`...), i, at) })
}

func (g *generator) answer(w http.ResponseWriter, kind string, each func(b []byte, i int) []byte) {
	w.Header().Set("Content-Type", "application/json")
	out := bufio.NewWriterSize(w, 1<<16)
	fmt.Fprintf(out, `{"status":"success","data":{"resultType":%q,"result":[`, kind)
	var b []byte
	for i := range g.series {
		b = b[:0]
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"metric":{"__name__":"load","job":"node","instance":"host-%d.example:9100","cluster":"c%d"},`, i, i%10)
		b = append(each(b, i), '}')
		if _, err := out.Write(b); err != nil {
			return
		}
	}
	fmt.Fprint(out, `]}}`)
	_ = out.Flush() // the client is gone
}

// appendSample appends the sample of series i at t, such as [1700000000,"71.25"].
func (g *generator) appendSample(b []byte, i int, t int64) []byte {
	h := (uint64(t)*0x9e3779b97f4a7c15 ^ uint64(i)*0xbf58476d1ce4e5b9)
	h = (h ^ h>>31) * 0x94d049bb133111eb
	noise := int64(h>>56) + int64(h>>48&0xff) - 255
	v := 10000 + g.day[(t/60+int64(i)*7)%1440] + noise
	b = append(b, '[')
	b = strconv.AppendInt(b, t, 10)
	b = append(b, `,"`...)
	b = strconv.AppendInt(b, v/100, 10)
	b = append(b, '.', byte('0'+v/10%10), byte('0'+v%10))
	return append(b, `"]`...)
}

// seconds reads a moment or duration of a query, in whole seconds.
func seconds(r *http.Request, name string) int64 {
	text := r.FormValue(name)
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return int64(f)
	}
	if d, err := time.ParseDuration(text); err == nil {
		return int64(d / time.Second)
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at.Unix()
	}
	return 0
}
