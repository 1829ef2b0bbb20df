package source

import (
	"net/http"
	"sync"
	"time"
)

// clock is that of the source, as it tells it with its answers. It goes on by the monotonic clock, so that one of ours
// that is set anew does not move it.
type clock struct {
	mu    sync.Mutex
	said  time.Time
	heard time.Time // with a monotonic reading; zero: it has told nothing
}

// note takes the time that an answer bears, and reports by how much it is ahead of ours. What was kept by a cache tells
// when it was made.
func (c *clock) note(resp *http.Response) (ahead time.Duration, ok bool) {
	if resp.StatusCode/100 != 2 || resp.Header.Get("Age") != "" {
		return 0, false
	}
	said, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0, false
	}
	said = said.Add(time.Second / 2) // it is cut to seconds
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said, c.heard = said, time.Now()
	return said.Sub(c.heard.Round(0)), true
}

// Clock returns the time by the source's clock, as it goes since the last answer that told it; ok is false where none
// did. While the machine sleeps it stands still: [Client.Ping] sets it.
func (c *Client) Clock() (now time.Time, ok bool) {
	c.clock.mu.Lock()
	defer c.clock.mu.Unlock()
	if c.clock.heard.IsZero() {
		return time.Time{}, false
	}
	return c.clock.said.Add(time.Since(c.clock.heard)), true
}
