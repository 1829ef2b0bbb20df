package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/prometheus/prometheus/model/labels"
)

// decodeAll decodes data, read in one go or byte by byte.
func decodeAll(data []byte, slowly bool) (*answer, error) {
	var r io.Reader = bytes.NewReader(data)
	if slowly {
		r = iotest.OneByteReader(r)
	}
	s, a := &scanner{}, &answer{}
	s.reset(r)
	err := a.decode(s)
	return a, err
}

// show writes an answer such that equal ones look equal: bits of values, labels without empty ones.
func show(t testing.TB, a *answer) string {
	t.Helper()
	slices.Sort(a.warnings)
	var b strings.Builder
	fmt.Fprintf(&b, "%q %q %q %q %q histograms=%d strays=%d\n",
		a.status, a.errorType, a.errorText, a.resultType, a.warnings, a.histograms, a.strays)
	err := a.each(func(l labels.Labels, s []Sample) error {
		fmt.Fprintf(&b, "%s", l)
		for _, p := range s {
			fmt.Fprintf(&b, " %d:%s", p.T, showValue(p.V))
		}
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func showValue(v float64) string {
	if math.IsNaN(v) {
		return "NaN"
	}
	return strconv.FormatUint(math.Float64bits(v), 16)
}

// reference decodes with encoding/json. It fails where the JSON is invalid or of another shape.
func reference(data []byte) (*answer, error) {
	type series struct {
		Metric     map[string]string `json:"metric"`
		Value      *jsonPair         `json:"value"`
		Values     []jsonPair        `json:"values"`
		Histogram  json.RawMessage   `json:"histogram"`
		Histograms json.RawMessage   `json:"histograms"`
	}
	var in struct {
		Status    string   `json:"status"`
		ErrorType string   `json:"errorType"`
		Error     string   `json:"error"`
		Warnings  []string `json:"warnings"`
		Infos     []string `json:"infos"`
		Data      struct {
			ResultType string          `json:"resultType"`
			Result     json.RawMessage `json:"result"`
		} `json:"data"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, err
	}
	a := &answer{status: in.Status, errorType: in.ErrorType, errorText: in.Error, resultType: in.Data.ResultType}
	for _, w := range append(in.Warnings, in.Infos...) {
		a.warn(w)
	}
	if in.Data.ResultType == "scalar" {
		var p jsonPair
		if err := json.Unmarshal(in.Data.Result, &p); err != nil {
			return nil, err
		}
		a.samples = []Sample{Sample(p)}
		a.series = []seriesRef{{to: 1}}
		return a, nil
	}
	var all []series
	if in.Data.ResultType == "string" {
		var pair []any
		if err := json.Unmarshal(in.Data.Result, &pair); err != nil || len(pair) != 2 {
			return nil, errors.Join(err, errors.New("no pair"))
		}
	} else if in.Data.Result != nil {
		if err := json.Unmarshal(in.Data.Result, &all); err != nil {
			return nil, err
		}
	}
	for _, s := range all {
		if s.Histogram != nil || s.Histograms != nil {
			a.histograms++
		}
		ref := seriesRef{labelsFrom: len(a.labels), from: len(a.samples)}
		if s.Value != nil {
			s.Values = append(s.Values, *s.Value)
		}
		for _, p := range s.Values {
			if n := len(a.samples); n > ref.from && p.T <= a.samples[n-1].T {
				a.strays++
				continue
			}
			a.samples = append(a.samples, Sample(p))
		}
		for k, v := range s.Metric {
			a.labels = appendText(appendText(a.labels, []byte(k)), []byte(v))
		}
		ref.labelsTo, ref.to = len(a.labels), len(a.samples)
		if ref.to > ref.from {
			a.series = append(a.series, ref)
		}
	}
	return a, nil
}

type jsonPair Sample

func (p *jsonPair) UnmarshalJSON(b []byte) error {
	var pair [2]json.RawMessage
	var list []json.RawMessage
	if err := json.Unmarshal(b, &list); err != nil || len(list) != 2 {
		return errors.Join(err, errors.New("no pair"))
	}
	copy(pair[:], list)
	var sec float64
	var text string
	if err := errors.Join(json.Unmarshal(pair[0], &sec), json.Unmarshal(pair[1], &text)); err != nil {
		return err
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return err
	}
	*p = jsonPair{int64(math.Round(sec * 1000)), v}
	return nil
}

var goodAnswers = map[string]string{
	"matrix":             `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"a"},"values":[[1435781430.781,"1"],[1435781445.781,"0.5"]]}]}}`,
	"vector":             `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"job":"a"},"value":[1435781430,"-17.25e-3"]},{"metric":{},"value":[1435781430,"3"]}]}}`,
	"scalar":             `{"status":"success","data":{"resultType":"scalar","result":[1435781430.5,"42"]}}`,
	"scalar, type later": `{"data":{"result":[1435781430.5,"42"],"resultType":"scalar"},"status":"success"}`,
	"string":             `{"status":"success","data":{"resultType":"string","result":[1435781430.5,"forty-two"]}}`,
	"empty":              `{"status":"success","data":{"resultType":"matrix","result":[]}}`,
	"error":              `{"status":"error","errorType":"bad_data","error":"1:1: parse error: no \"x\"\n"}`,
	"error with data":    `{"status":"error","data":null,"errorType":"execution","error":"found duplicate series"}`,
	"error, data shape":  `{"status":"error","data":{"resultType":"","result":null},"errorType":"timeout","error":"query timed out"}`,
	"any order":          ` { "data" : { "result" : [ { "values" : [ [ 10 , "1" ] ] , "metric" : { "b" : "2" , "a" : "1" } } ] , "stats" : { "x" : [ 1.5e3 , true , false , null , {} ] } , "resultType" : "matrix" } , "infos" : [ "i" ] , "warnings":["w","w"],"isPartial":false,"status" : "success" } ` + "\n",
	"special values":     `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"NaN"],[2,"+Inf"],[3,"-Inf"],[4,"1e+300"],[5,"-0"],[6,"4.9406564584124654e-324"],[7,"1.7976931348623157e+308"]]}]}}`,
	"times":              `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[-1.5,"1"],[0,"2"],[0.001,"3"],[0.02,"4"],[1e3,"5"],[1.6e+09,"6"],[1700000000.1234,"7"],[17000000000.999,"8"]]}]}}`,
	"escapes":            `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"p":"C:\\\"\/\b\f\n\r\t","u":"\u00e9\u20ac\ud83d\ude00","lone":"\ud83d!\ude00\ud83dx","\u0061":"é€😀"},"value":[1,"\u0031"]}]}}`,
	"not UTF-8":          "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"a\":\"x\xff\xc3(y\"},\"value\":[1,\"1\"]}]}}",
	"UTF-8 names":        `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"http.server.duration","service.name":"käse"},"value":[1,"1"]}]}}`,
	"empty label":        `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"","b":"1"},"value":[1,"1"]}]}}`,
	"histograms":         `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"1"},"histograms":[[1,{"count":"3","sum":"5","buckets":[[0,"1","2","3"]]}]]},{"metric":{"a":"2"},"values":[[1,"1"]],"histograms":[[2,{}]]},{"metric":{"a":"3"},"histogram":[1,{}]}]}}`,
	"out of order":       `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[2,"1"],[1,"2"],[2,"3"],[3,"4"]]}]}}`,
	"no values":          `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"1"},"values":[]},{"metric":{"a":"2"},"values":[[1,"1"]]}]}}`,
	"null warnings":      `{"status":"success","data":{"resultType":"matrix","result":[]},"warnings":null,"infos":[]}`,
}

func TestDecodeLikeEncodingJSON(t *testing.T) {
	for name, data := range goodAnswers {
		t.Run(name, func(t *testing.T) {
			want, err := reference([]byte(data))
			if err != nil {
				t.Fatal("reference:", err)
			}
			for _, slowly := range []bool{false, true} {
				got, err := decodeAll([]byte(data), slowly)
				if err != nil {
					t.Fatalf("slowly %v: %v", slowly, err)
				}
				if g, w := show(t, got), show(t, want); g != w {
					t.Errorf("slowly %v: got\n%s\nwant\n%s", slowly, g, w)
				}
			}
		})
	}
}

func TestDecodeEveryCut(t *testing.T) {
	for name, data := range goodAnswers {
		data = strings.TrimSpace(data)
		for n := range len(data) {
			if _, err := decodeAll([]byte(data[:n]), n%2 == 0); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s cut off after %d bytes: got error %v, want %v", name, n, err, io.ErrUnexpectedEOF)
			}
		}
	}
}

func TestDecodeRefused(t *testing.T) {
	in := func(result string) string {
		return `{"status":"success","data":{"resultType":"matrix","result":` + result + `}}`
	}
	for data, want := range map[string]string{
		`<html>`:                          `at byte 0: want '{', have '<'`,
		`{"status":"success"} x`:          `at byte 21: want nothing more, have 'x'`,
		`{"status":1}`:                    `not an answer of the query API: a field that is not text`,
		`{"data":[]}`:                     `at byte 8: want '{', have '['`,
		`{"data":{},"data":{}}`:           `not an answer of the query API: the field "data" is there twice`,
		`{"a":` + strings.Repeat("[", 80): `not an answer of the query API: nested too deep`,
		in(`[{"metric":{"a":1}}]`):        `not an answer of the query API: a label whose value is not text`,
		in(`[{"metric":{"a":"1","a":"2"},"values":[]}]`): `not an answer of the query API: the label "a" is there twice`,
		in(`[{"values":[[1,2]]}]`):                       `not an answer of the query API: a sample whose value is not text`,
		in(`[{"values":[[1,"x"]]}]`):                     `not an answer of the query API: the value "x"`,
		in(`[{"values":[[1,"0x1p3"]]}]`):                 `not an answer of the query API: the value "0x1p3"`,
		in(`[{"values":[[1,"1e999"]]}]`):                 `not an answer of the query API: the value "1e999"`,
		in(`[{"values":[[1,""]]}]`):                      `not an answer of the query API: the value ""`,
		in(`[{"values":[[01,"1"]]}]`):                    `at byte 74: want a number, have ','`,
		in(`[{"values":[[1e30,"1"]]}]`):                  `not an answer of the query API: the time 1e30`,
		in(`[{"values":[[1,"1",2]]}]`):                   `at byte 77: want ']', have ','`,
		in(`[{"values":[[1,"1"],]}]`):                    `at byte 79: want '[', have ']'`,
		in(`[1,"1"]`):                                    `not an answer of the query API: a matrix that is one value`,
		`{"a":"` + "\n" + `"}`:                           `at byte 6: want text without control characters, have '\n'`,
		`{"a":"\x"}`:                                     `at byte 7: want an escape, have 'x'`,
		`{"a":"\u12g4"}`:                                 `at byte 10: want a hexadecimal digit, have 'g'`,
		`{"a":nul!}`:                                     `at byte 8: want null, have '!'`,
		`{"a":` + strings.Repeat("1", 600) + `}`:         `not an answer of the query API: a number of more than 512 bytes`,
		`{"a":"` + strings.Repeat("x", maxText+1) + `"}`: `not an answer of the query API: a text of more than 1048576 bytes`,
	} {
		for _, slowly := range []bool{false, true} {
			if _, err := decodeAll([]byte(data), slowly); err == nil || err.Error() != want {
				t.Errorf("%.80s (slowly %v): got error %v, want %v", data, slowly, err, want)
			}
		}
	}
}

func TestDecodeKeepsToGridAndBound(t *testing.T) {
	data := `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[0,"0"],[10,"1"],[15,"2"],[20,"3"],[30,"4"],[40,"5"]]}]}}`
	s, a := &scanner{}, &answer{}
	a.reset(grid{from: 10_000, to: 30_000, step: 10_000}, 3)
	s.reset(strings.NewReader(data))
	if err := a.decode(s); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(a.samples), "[{10000 1} {20000 3} {30000 4}]"; got != want || a.strays != 3 {
		t.Errorf("got %s and %d strays, want %s and 3", got, a.strays, want)
	}
	a.reset(grid{from: 10_000, to: 30_000, step: 10_000}, 2)
	s.reset(strings.NewReader(data))
	if err := a.decode(s); !errors.Is(err, errTooLarge) {
		t.Errorf("got error %v, want %v", err, errTooLarge)
	}
}

func TestDecodeFailingStream(t *testing.T) {
	broken := errors.New("connection reset")
	s, a := &scanner{}, &answer{}
	s.reset(io.MultiReader(strings.NewReader(`{"status":"succ`), iotest.ErrReader(broken)))
	if err := a.decode(s); !errors.Is(err, broken) {
		t.Errorf("got error %v, want %v", err, broken)
	}
	s.reset(io.MultiReader(strings.NewReader(`{"status":"success"}`), iotest.ErrReader(broken)))
	if err := (&answer{}).decode(s); !errors.Is(err, broken) {
		t.Errorf("error behind the answer: got %v, want %v", err, broken)
	}
}

// FuzzDecode: whatever is accepted is valid JSON and says what encoding/json reads of it, and a whole answer that
// encoding/json reads is refused with a reason only.
func FuzzDecode(f *testing.F) {
	for _, data := range goodAnswers {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := decodeAll(data, false)
		slow, slowErr := decodeAll(data, true)
		if (err == nil) != (slowErr == nil) {
			t.Fatalf("at once: %v, slowly: %v", err, slowErr)
		}
		if err == nil && !json.Valid(data) {
			t.Fatal("invalid JSON is accepted")
		}
		want, wantErr := reference(data)
		if wantErr != nil || !exactFields(data) {
			return
		}
		if err != nil {
			if !errors.Is(err, errRefused) {
				t.Fatalf("refused without a reason: %v", err)
			}
			return
		}
		if g, s := show(t, got), show(t, slow); g != s {
			t.Fatalf("at once\n%s\nslowly\n%s", g, s)
		}
		if g, w := show(t, got), show(t, want); want.status == "success" && g != w {
			t.Fatalf("got\n%s\nwant\n%s", g, w)
		}
	})
}

// exactFields tells whether no field is there twice or in other case or null: encoding/json is lax about these.
func exactFields(data []byte) bool {
	lower := bytes.ToLower(data)
	if bytes.Contains(data, []byte("null")) || bytes.Contains(data, []byte(`\`)) {
		return false
	}
	for _, field := range []string{"status", "error", "errortype", "data", "resulttype", "result", "warnings", "infos"} {
		if q := []byte(`"` + field + `"`); bytes.Count(lower, q) > 1 {
			return false
		}
	}
	for _, field := range []string{"status", "error", "errorType", "data", "resultType", "result", "warnings", "infos", "metric", "value", "values", "histogram", "histograms"} {
		q := []byte(`"` + field + `"`)
		if bytes.Count(data, q) != bytes.Count(lower, bytes.ToLower(q)) {
			return false
		}
	}
	return bytes.Count(data, []byte(`"value"`)) == 0 || bytes.Count(data, []byte(`"values"`)) == 0
}

func BenchmarkDecode(b *testing.B) {
	const series, points = 1000, 100
	data := makeAnswer(series, points)
	s, a := &scanner{}, &answer{}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		a.reset(grid{from: 1_700_000_000_000, to: 1_800_000_000_000, step: 300_000}, 0)
		s.reset(bytes.NewReader(data))
		if err := a.decode(s); err != nil {
			b.Fatal(err)
		}
		if err := a.each(func(labels.Labels, []Sample) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/series/points, "ns/point")
}

func makeAnswer(series, points int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	b.WriteString(`{"status":"success","data":{"resultType":"matrix","result":[`)
	for i := range series {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"metric":{"__name__":"http_requests","instance":"10.0.%d.%d:9100","job":"node","zone":"eu-central-1"},"values":[`, i/250, i%250)
		for j := range points {
			if j > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `[%d,"%v"]`, 1_700_000_100+300*j, r.Float64()*1000)
		}
		b.WriteString(`]}`)
	}
	b.WriteString(`]}}`)
	return b.Bytes()
}

func TestParseValueLikeStrconv(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		v := math.Float64frombits(r.Uint64())
		switch r.IntN(5) {
		case 4:
			v = math.Copysign(0, float64(r.IntN(2)-1))
		case 0:
			v = r.NormFloat64() * math.Pow(10, float64(r.IntN(20)-8))
		case 1:
			v = math.Round(r.NormFloat64()*1e4) / math.Pow(10, float64(r.IntN(6)))
		case 2:
			v = float64(r.Int64N(1 << (1 + r.IntN(62))))
		}
		for _, format := range []byte{'f', 'g'} {
			text := strconv.FormatFloat(v, format, -1, 64)
			got, err := parseValue([]byte(text))
			if err != nil || showValue(got) != showValue(v) {
				t.Fatalf("%s: got %v, %v", text, got, err)
			}
			if p, n := quickPair([]byte(`[1.5,"` + text + `"] `)); n != len(text)+8 || p.T != 1500 || showValue(p.V) != showValue(v) {
				t.Fatalf("%s: got the sample %v of %d bytes", text, p, n)
			}
		}
	}
}
