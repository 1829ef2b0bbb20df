package forecast

// nearLeads returns the leads tried from one cutoff: all near ones, ever fewer of the far ones, at offsets that change from
// cutoff to cutoff, since on minutes that never change a job's habits would hide.
func nearLeads(dst []int, k, reach, seed int) []int {
	rnd := uint32(seed)*2654435761 + 12345
	pick := func(n int) int {
		rnd = rnd*1664525 + 1013904223
		return int(rnd>>8) % n
	}
	l := 1
	for ; l <= min(k, reach); l++ {
		dst = append(dst, l)
	}
	for l <= reach {
		hours := (l - 1) / k
		var gap int
		switch {
		case k > 1 && hours < 6:
			gap = max(1, k/4)
		case k > 1 && hours < 24:
			gap = max(1, k/3)
		case hours < 48:
			gap = k
		default:
			gap = 12 * k
		}
		if t := l + pick(gap); t <= reach {
			dst = append(dst, t)
		}
		l += gap
	}
	return dst
}

// farLeads returns the leads tried of hours that stand for minutes: from six hours on every six, from two days on every
// twelve, at offsets that change from cutoff to cutoff.
func farLeads(dst []int, reach, seed int) []int {
	rnd := uint32(seed)*2654435761 + 54321
	for l := farFrom; l <= reach; {
		gap := 6
		if l >= 48 {
			gap = 12
		}
		rnd = rnd*1664525 + 1013904223
		if t := l + int(rnd>>8)%gap; t <= reach {
			dst = append(dst, t)
		}
		l += gap
	}
	return dst
}
