package testkit

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"
)

// Get fetches a URL and gives its status and body.
func Get(t testing.TB, rawURL string) (int, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, rawURL, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
}

// MustGet fetches a URL that has to answer 200.
func MustGet(t testing.TB, rawURL string) string {
	t.Helper()
	status, body, err := Get(t, rawURL)
	if err != nil {
		t.Fatal(err)
	}
	if status != http.StatusOK {
		t.Fatalf("GET %s: status %d: %s", rawURL, status, body)
	}
	return body
}

// WaitStatus waits until a URL answers with the status.
func WaitStatus(t testing.TB, timeout time.Duration, rawURL string, status int) {
	t.Helper()
	WaitFor(t, timeout, fmt.Sprintf("%s to answer %d", rawURL, status), func() error {
		got, body, err := Get(t, rawURL)
		if err == nil && got != status {
			err = fmt.Errorf("status %d: %s", got, body)
		}
		return err
	})
}

// Sample is one series of an instant vector.
type Sample struct {
	Labels map[string]string
	Time   time.Time
	Value  float64
}

// Query asks a Prometheus-compatible API at base for an instant vector; the zero time is now.
func Query(t testing.TB, base, expr string, at time.Time) ([]Sample, error) {
	t.Helper()
	form := url.Values{"query": {expr}}
	if !at.IsZero() {
		form.Set("time", strconv.FormatFloat(float64(at.UnixMilli())/1000, 'f', 3, 64))
	}
	status, body, err := Get(t, base+"/api/v1/query?"+form.Encode())
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("query %s: status %d: %s", expr, status, body)
	}
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		return nil, fmt.Errorf("query %s: %w", expr, err)
	}
	samples := make([]Sample, 0, len(answer.Data.Result))
	for _, r := range answer.Data.Result {
		at, ok := r.Value[0].(float64)
		text, ok2 := r.Value[1].(string)
		v, err := strconv.ParseFloat(text, 64)
		if !ok || !ok2 || err != nil {
			return nil, fmt.Errorf("query %s: value %v", expr, r.Value)
		}
		samples = append(samples, Sample{Labels: r.Metric, Time: time.UnixMilli(int64(at * 1000)), Value: v})
	}
	return samples, nil
}

// MustQuery is [Query] for expressions that have to succeed.
func MustQuery(t testing.TB, base, expr string, at time.Time) []Sample {
	t.Helper()
	samples, err := Query(t, base, expr, at)
	if err != nil {
		t.Fatal(err)
	}
	return samples
}
