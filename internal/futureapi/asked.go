package futureapi

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/prometheus/promql/parser"
	"google.golang.org/protobuf/encoding/protowire"
)

// Bounds of what a stranger asks, looked at before any work that can't be cancelled.
const (
	mostExpr    = 16 << 10 // bytes of one expression; parsing it is then a matter of milliseconds
	mostNesting = 1000     // of what is evaluated: a sum of so many terms
	mostPretty  = 100      // of what is formatted, which takes the cube of it
	mostExprs   = 100      // selectors in a request
	mostQueries = 100      // in a remote read
)

// errCrossSite refuses what a page of another site has a browser ask.
var errCrossSite = errors.New("requests from pages of other sites are not answered")

// checkExpressions refuses expressions that are too long or nested too deep. What is no valid expression is left to the
// API to say.
func checkExpressions(r *http.Request) error {
	query := r.FormValue("query") // parses forms of all kinds
	all := append([]string{query}, r.Form["match[]"]...)
	if len(all) > mostExprs+1 {
		return fmt.Errorf("more than %d selectors", mostExprs)
	}
	for _, s := range all {
		if len(s) > mostExpr {
			return fmt.Errorf("an expression of %d bytes: more than %d are not parsed", len(s), mostExpr)
		}
	}
	most := mostNesting
	if r.URL.Path == prefix+"/format_query" {
		most = mostPretty
	}
	if expr, err := parser.NewParser(parser.Options{}).ParseExpr(query); err == nil {
		if n := nesting(expr); n > most {
			return fmt.Errorf("an expression nested %d deep: more than %d are not worked on", n, most)
		}
	}
	return nil
}

// nesting is the depth of the tree of an expression.
func nesting(n parser.Node) int {
	deepest := 0
	for child := range parser.ChildrenIter(n) {
		deepest = max(deepest, nesting(child))
	}
	return deepest + 1
}

// checkRead refuses a remote read that grows too large when it is unpacked, or holds too many queries.
func checkRead(body []byte) error {
	n, err := snappy.DecodedLen(body)
	if err != nil {
		return fmt.Errorf("unpacking the request: %w", err)
	}
	if n > mostBody {
		return fmt.Errorf("a request of %d bytes: more than %d are not read", n, mostBody)
	}
	message, err := snappy.Decode(nil, body)
	if err != nil {
		return fmt.Errorf("unpacking the request: %w", err)
	}
	queries := 0
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return fmt.Errorf("reading the request: %w", protowire.ParseError(n))
		}
		message = message[n:]
		if n = protowire.ConsumeFieldValue(field, kind, message); n < 0 {
			return fmt.Errorf("reading the request: %w", protowire.ParseError(n))
		}
		message = message[n:]
		if field == 1 { // queries
			queries++
		}
	}
	if queries > mostQueries {
		return fmt.Errorf("a request of %d queries: more than %d are not answered", queries, mostQueries)
	}
	return nil
}
