package futureapi

import (
	jsoniter "github.com/json-iterator/go"
	"github.com/prometheus/prometheus/promql"
	apiv1 "github.com/prometheus/prometheus/web/api/v1"
)

// codec is Prometheus's JSON codec, which holds an answer three times over while its buffer grows and is copied in the
// end. Curves make large answers, of a size that can be told beforehand.
type codec struct{ apiv1.JSONCodec }

func (codec) Encode(r *apiv1.Response) ([]byte, error) {
	s := jsoniter.NewStream(jsoniter.ConfigCompatibleWithStandardLibrary, nil, sizeOf(r))
	s.WriteVal(r)
	return s.Buffer(), s.Error
}

// sizeOf estimates how many bytes a response takes, seldom too few.
func sizeOf(r *apiv1.Response) int {
	const rest, labels, point = 512, 256, 38
	size := rest
	if d, ok := r.Data.(*apiv1.QueryData); ok {
		if m, ok := d.Result.(promql.Matrix); ok {
			for i := range m {
				size += labels + point*len(m[i].Floats)
			}
		}
	}
	return size
}
