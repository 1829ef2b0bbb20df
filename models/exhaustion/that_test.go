package exhaustion_test

import (
	"fmt"
	"math"
	"reflect"
	"testing"
)

// that fails the test where ok is false; what is a format with its arguments.
func that(t testing.TB, ok bool, what ...any) {
	t.Helper()
	if !ok {
		t.Fatal(told(what))
	}
}

func same(t testing.TB, want, got any, what ...any) {
	t.Helper()
	if !reflect.DeepEqual(want, got) {
		t.Fatalf("got %v, want %v %s", got, want, told(what))
	}
}

func near(t testing.TB, want, got, tolerance float64, what ...any) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Fatalf("got %v, want %v within %v %s", got, want, tolerance, told(what))
	}
}

func told(what []any) string {
	if len(what) == 0 {
		return ""
	}
	return fmt.Sprintf(fmt.Sprint(what[0]), what[1:]...)
}
