package futureapi

import (
	"context"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"
	"time"

	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/storage/remote"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
)

// reader is Prometheus's own remote-read client of a server.
func reader(t *testing.T, address string, kind prompb.ReadRequest_ResponseType) remote.ReadClient {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	c, err := remote.NewReadClient(t.Name(), &remote.ClientConfig{
		URL: &commonconfig.URL{URL: u}, Timeout: model.Duration(10 * time.Second), ChunkedReadLimit: 50 << 20,
		AcceptedResponseTypes: []prompb.ReadRequest_ResponseType{kind},
	})
	require.NoError(t, err)
	return c
}

// samples are the times and values of each series by its labels.
func samples(t *testing.T, set storage.SeriesSet) map[string][]prompb.Sample {
	t.Helper()
	all := map[string][]prompb.Sample{}
	for set.Next() {
		name := set.At().Labels().String()
		it := set.At().Iterator(nil)
		for it.Next() == chunkenc.ValFloat {
			ts, v := it.At()
			all[name] = append(all[name], prompb.Sample{Timestamp: ts, Value: v})
		}
		require.NoError(t, it.Err())
	}
	require.NoError(t, set.Err())
	return all
}

func named(metric string, more ...string) []*labels.Matcher {
	ms := []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, metric)}
	for i := 0; i < len(more); i += 2 {
		ms = append(ms, labels.MustNewMatcher(labels.MatchEqual, more[i], more[i+1]))
	}
	return ms
}

func TestRemoteRead(t *testing.T) {
	s := httptest.NewServer(handler(t, testBoard(), nil))
	defer s.Close()
	from, to := origin.UnixMilli()-day, origin.UnixMilli()+30*day
	ahead := origin.UnixMilli() + 7*day
	for _, kind := range []prompb.ReadRequest_ResponseType{prompb.ReadRequest_SAMPLES, prompb.ReadRequest_STREAMED_XOR_CHUNKS} {
		for _, c := range []struct {
			query       string // of the address
			matchers    []*labels.Matcher
			hints       *storage.SelectHints
			want        string // a series
			series      int
			step        int64
			first, last int64
		}{
			{
				"", named("foresight_expected", "task", "cpu"), nil,
				`{__name__="foresight_expected", instance="a:9100", job="node", mode="user", task="cpu"}`, 2,
				2 * minute, origin.UnixMilli() + 2*minute, ahead,
			},
			{
				"", named("foresight_expected_upper", "task", "traffic"), nil,
				`{__name__="foresight_expected_upper", "service.name"="shop", task="traffic", zone="eu"}`, 1,
				minute, origin.UnixMilli() + 2*minute, ahead,
			},
			{
				"?past=false", named("foresight_expected", "task", "slow"), &storage.SelectHints{Start: from, End: to, Step: 15_000},
				`{__name__="foresight_expected", mode="user", task="slow"}`, 1,
				15_000, origin.UnixMilli() + 105_000, ahead,
			},
			{
				"?past=true", named("foresight_expected", "task", "slow"), &storage.SelectHints{Start: from, End: to, Step: hour},
				`{__name__="foresight_expected", mode="user", task="slow"}`, 1,
				2 * minute, from, ahead,
			},
			{"", named("foresight_anomaly_score"), nil, "", 0, 0, 0, 0},
			{
				"?past=true", named("foresight_anomaly_score", "task", "traffic"), nil,
				`{__name__="foresight_anomaly_score", "service.name"="shop", task="traffic", zone="eu"}`, 1,
				minute, origin.UnixMilli(), origin.UnixMilli() + minute,
			},
			{"", named("up"), nil, "", 0, 0, 0, 0},
			{"", named("foresight_expected", "replica", "x"), nil, "", 0, 0, 0, 0},
		} {
			q, err := remote.ToQuery(from, to, c.matchers, c.hints)
			require.NoError(t, err)
			set, err := reader(t, s.URL+"/api/v1/read"+c.query, kind).Read(context.Background(), q, false)
			require.NoError(t, err)
			got := samples(t, set)
			require.Len(t, got, c.series, "%v%s", c.matchers, c.query)
			if c.series == 0 {
				continue
			}
			one := got[c.want]
			require.NotEmpty(t, one, "%s of %v", c.want, got)
			require.Equal(t, []int64{c.first, c.last}, []int64{one[0].Timestamp, one[len(one)-1].Timestamp}, "%v%s", c.matchers, c.query)
			for i, x := range one {
				require.Equal(t, c.first+int64(i)*c.step, x.Timestamp)
			}
		}
	}
}

func TestRemoteReadOfANewerOrigin(t *testing.T) {
	b := new(board.Board)
	s := snapshot("cpu", 5*time.Minute, labels.FromStrings("mode", "user"))
	newer := origin.UnixMilli() + 30*minute // published is older, and now is between
	s.Series[0].Ahead = line{origin: newer, history: day, horizon: day}
	b.Publish(s)
	server := httptest.NewServer(handler(t, b, nil))
	defer server.Close()
	q, err := remote.ToQuery(origin.UnixMilli()-day, origin.UnixMilli()+hour, named("foresight_expected"), nil)
	require.NoError(t, err)
	set, err := reader(t, server.URL+"/api/v1/read", prompb.ReadRequest_STREAMED_XOR_CHUNKS).Read(t.Context(), q, false)
	require.NoError(t, err)
	for _, all := range samples(t, set) {
		require.Equal(t, newer+2*minute, all[0].Timestamp)
	}
}

func TestRemoteReadIsBounded(t *testing.T) {
	s := httptest.NewServer(handler(t, testBoard(), func(o *Options) { o.MaxSamples = 10_000 }))
	defer s.Close()
	c := reader(t, s.URL+"/api/v1/read", prompb.ReadRequest_STREAMED_XOR_CHUNKS)
	one, err := remote.ToQuery(origin.UnixMilli(), origin.UnixMilli()+7*day, named("foresight_expected", "task", "slow"), nil)
	require.NoError(t, err)
	set, err := c.Read(t.Context(), one, false)
	require.NoError(t, err)
	require.Len(t, samples(t, set), 1, "one query is within the limit")

	many, err := remote.ToQuery(origin.UnixMilli(), origin.UnixMilli()+7*day, named("foresight_expected"), nil)
	require.NoError(t, err)
	sampled := reader(t, s.URL+"/api/v1/read", prompb.ReadRequest_SAMPLES)
	_, err = sampled.Read(t.Context(), many, false)
	require.ErrorContains(t, err, "the request asks for more than the 10000 samples that --query.max-samples allows")
	w := httptest.NewRecorder()
	handler(t, testBoard(), nil).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "POST", "/api/v1/read?past="+strconv.Quote("x"), nil))
	require.Equal(t, 400, w.Code)
	require.Equal(t, "parameter \"past\": true or false\n", w.Body.String())
}
