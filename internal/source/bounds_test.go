package source

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/model/labels"
)

// What has no name can't be exported: it is left out with a warning, and the rest is read.
func TestNamelessLabelIsLeftOut(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"":"x","a":"1"},"value":[60,"7"]}]}}`)
	})
	var got []string
	w, err := c.Instant(t.Context(), "disk", "up", 60_000, func(l labels.Labels, s Sample) error {
		got = append(got, fmt.Sprintf("%s %v", l, s.V))
		return nil
	})
	if n := testutil.ToFloat64(c.metrics.refused); n != 1 {
		t.Errorf("%v refused labels are counted, want 1", n)
	}
	if err != nil || fmt.Sprint(got) != `[{a="1"} 7]` || len(w) != 1 || !strings.Contains(w[0], "without a name") {
		t.Errorf("got %v, warnings %q, error %v", got, w, err)
	}
}

// An answer without end is ended by a bound of ours, and says so.
func TestInstantAnswersAreBounded(t *testing.T) {
	const head = `{"status":"success","data":{"resultType":"vector","result":[`
	for name, write := range map[string]func(w io.Writer) error{
		"samples": func(w io.Writer) error {
			for i := 0; ; i++ {
				if _, err := fmt.Fprintf(w, `{"metric":{},"value":[60,"%d"]},`, i); err != nil {
					return err
				}
			}
		},
		"samples of another time": func(w io.Writer) error {
			for i := 0; ; i++ {
				if _, err := fmt.Fprintf(w, `{"metric":{},"value":[7,"%d"]},`, i); err != nil {
					return err
				}
			}
		},
		"labels of a series": func(w io.Writer) error {
			fmt.Fprint(w, `{"metric":{`)
			for i := 0; ; i++ {
				if _, err := fmt.Fprintf(w, `"l%d":"x",`, i); err != nil {
					return err
				}
			}
		},
		"bytes of labels": func(w io.Writer) error {
			long := strings.Repeat("x", 1<<19)
			for i := 0; ; i++ {
				if _, err := fmt.Fprintf(w, `{"metric":{"a":"%d%s"},"value":[60,"1"]},`, i, long); err != nil {
					return err
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprint(w, head)
				_ = write(w)
			})
			c.most = 100_000
			_, err := c.Instant(t.Context(), "disk", "up", 60_000, func(labels.Labels, Sample) error { return nil })
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Reason != ReasonTooLarge {
				t.Fatalf("got %v, want reason %s", err, ReasonTooLarge)
			}
			if _, err := c.Range(t.Context(), "disk", "up", 60_000, 60_000, time.Minute, func(labels.Labels, []Sample) error { return nil }); err == nil {
				t.Error("a single moment of a range: no error")
			}
		})
	}
}

// A redirect to another server is refused before anything is sent there; one on the same server is followed, without
// the address it came from.
func TestRedirectsCarryNoSecrets(t *testing.T) {
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		fmt.Fprint(w, empty)
	}))
	defer other.Close()
	var referer string
	target := other.URL + "/api/v1/query"
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			referer = r.Header.Get("Referer")
			fmt.Fprint(w, empty)
			return
		}
		http.Redirect(w, r, target, http.StatusTemporaryRedirect)
	}))
	defer srv.Close()
	settings := "  authorization: {credentials: hunter2}\n  http_headers: {X-Token: {values: [hunter3]}}\n"
	q := query{path: instantPath, expr: "up", form: map[string][]string{}}
	c := clientOf(t, srv.URL+"/?token=hunter4", t.TempDir(), settings)
	err := c.ask(t.Context(), q, &answer{})
	if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "redirected to another server") || asked != 0 {
		t.Errorf("got %v and %d questions to the other, want a refusal and none", err, asked)
	}
	target = "/moved"
	if err := c.ask(t.Context(), q, &answer{}); err != nil || referer != "" {
		t.Errorf("on the same server: got %v, Referer %q", err, referer)
	}
}
