// Package forecast forecasts one series: its seasons, a pool of simple members combined by their own past errors, and
// intervals from those errors.
//
// A reader may follow the files in the order of the work:
//
//   - Memory. ring.go and block.go keep samples in two bytes each, hourly.go their means by the hour, outliers.go which
//     of them were anomalous. grids.go has the three spacings, calendar.go local time.
//   - A window on it. gather.go unpacks the memory, gather_sparse.go only what a few leads need, window.go scales it
//     (scale.go), fills its gaps (gaps.go) and aligns it with its seasons (seasons.go).
//   - Members. member.go has their interface and pools; each stands in a file member_*.go. ensemble.go prepares a pool at
//     a cutoff and asks it; range.go holds it to where the series may be.
//   - Learning. fit.go is a refit: crossvalidation.go walks the window once and tries the pool on the way, member_errors.go
//     distils errors into weights, combine.go takes the weighted median, conformal.go keeps the errors of that.
//   - Speaking. workspace.go prepares a fitted model's look ahead, centre.go combines, interval.go puts an interval around,
//     forecast.go answers what is asked and expect.go what the next hour brings.
//   - Being judged. tracker.go and open_forecasts.go measure forecasts that were made, and widen intervals that miss.
package forecast
