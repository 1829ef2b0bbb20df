package models

import "github.com/foresight-exporter/foresight/models/internal/codec"

// stateVersion changes with the parts of a forecaster's state; each part has a version of its own.
const stateVersion = 1

// AppendBinary appends the state of the forecaster to b, for UnmarshalBinary on one made with the same options.
func (f *Forecaster) AppendBinary(b []byte) ([]byte, error) {
	return codec.Append(b, stateVersion, f.code)
}

// UnmarshalBinary restores what AppendBinary wrote. On an error the forecaster is of no further use.
func (f *Forecaster) UnmarshalBinary(b []byte) error { return codec.Read(b, stateVersion, f.code) }

func (f *Forecaster) code(c *codec.Coder) {
	c.Part("forecasts", f.model)
	if f.scorer != nil {
		c.Part("scores", f.scorer)
	}
	if f.limit != nil {
		c.Part("exhaustion", f.limit)
	}
	if f.budget != nil {
		c.Part("error budget", f.budget)
	}
	if f.past != nil {
		c.Part("past expectations", f.past)
	}
}
