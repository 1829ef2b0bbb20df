package futureapi

import (
	"fmt"
	"sync/atomic"
)

// budget is how many samples a request may have.
type budget struct {
	limit int64
	spent atomic.Int64
}

func (b *budget) spend(samples int64) error {
	if b.spent.Add(samples) > b.limit {
		return fmt.Errorf("the request asks for more than the %d samples that --query.max-samples allows", b.limit)
	}
	return nil
}
