package source

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/api"
	apiv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// The scanner reads the same of random valid answers as Prometheus's own client does.
func TestScannerReadsWhatTheClientLibraryReads(t *testing.T) {
	const from, step = 1_700_000_100, 60
	body := ""
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, body)
	}))
	defer srv.Close()
	theirs, err := api.NewClient(api.Config{Address: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	ours := connect(t, srv.URL)
	r := rand.New(rand.NewPCG(7, 11))
	for round := range 300 {
		points := 1 + r.IntN(20)
		to := from + step*int64(points-1)
		body = randomAnswer(r, from, step, points)
		var got, want []string
		_, err := ours.Range(t.Context(), "t", "x", from*1000, to*1000, step*time.Second, func(l labels.Labels, s []Sample) error {
			for _, p := range s {
				got = append(got, fmt.Sprintf("%q %d %s", l.Map(), p.T, showValue(p.V)))
			}
			return nil
		})
		if err != nil {
			t.Fatalf("round %d: %v\n%s", round, err, body)
		}
		value, _, err := apiv1.NewAPI(theirs).QueryRange(t.Context(), "x", apiv1.Range{Start: time.Unix(from, 0), End: time.Unix(to, 0), Step: step * time.Second})
		if err != nil {
			t.Fatalf("round %d: the client library: %v\n%s", round, err, body)
		}
		for _, s := range value.(model.Matrix) {
			names := map[string]string{}
			for k, v := range s.Metric {
				if v != "" { // an empty label is none
					names[string(k)] = string(v)
				}
			}
			for _, p := range s.Values {
				want = append(want, fmt.Sprintf("%q %d %s", names, int64(p.Timestamp), showValue(float64(p.Value))))
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("round %d: got\n%s\nwant\n%s\nof %s", round, strings.Join(got, "\n"), strings.Join(want, "\n"), body)
		}
	}
}

// randomAnswer writes a matrix on a grid, as the API may: fields in any order, with space, escapes and fields to come.
func randomAnswer(r *rand.Rand, from, step int64, points int) string {
	space := func() string { return []string{"", "", "", " ", "\n", "\t "}[r.IntN(6)] }
	text := func() string {
		b := make([]rune, r.IntN(12))
		for i := range b {
			b[i] = []rune("aZ09_.\"\\/\n\t\x7f<&>é€\u2028😀 ")[r.IntN(20)]
		}
		plain, err := json.Marshal(string(b))
		if err != nil {
			panic(err) // text always can
		}
		if r.IntN(2) == 0 { // every character may be escaped
			return strings.ReplaceAll(string(plain), "a", `\u0061`)
		}
		return string(plain)
	}
	object := func(fields ...string) string {
		r.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
		return "{" + space() + strings.Join(fields, space()+","+space()) + space() + "}"
	}
	var series []string
	for n := range r.IntN(6) {
		metric := []string{fmt.Sprintf(`"n":"%d"`, n)}
		for i := range r.IntN(4) {
			metric = append(metric, fmt.Sprintf(`"l%d"%s:%s`, i, space(), text()))
		}
		var values []string
		for i := range points {
			if r.IntN(4) == 0 {
				continue
			}
			v := math.Float64frombits(r.Uint64())
			if r.IntN(3) == 0 {
				v = float64(r.IntN(1000)) / 8
			}
			at := strconv.FormatInt(from+step*int64(i), 10) + []string{"", ".0", ".000", "e0"}[r.IntN(3)]
			values = append(values, fmt.Sprintf(`[%s%s,%s"%s"]`, space(), at, space(), strconv.FormatFloat(v, "fgeE"[r.IntN(4)], -1, 64)))
		}
		if len(values) == 0 {
			continue
		}
		series = append(series, object(`"metric":`+object(metric...), `"values":[`+strings.Join(values, ","+space())+`]`))
	}
	data := object(`"resultType":"matrix"`, `"result":[`+strings.Join(series, space()+",")+`]`)
	return object(`"status":"success"`, `"data":`+data, `"infos":["x"]`)
}
