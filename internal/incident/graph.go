package incident

// Graph says who calls whom and who runs where. The zero Graph is empty.
type Graph struct {
	calls map[string][]string // servers by client, in the order told
	runs  map[string]string   // host by owner
	hosts map[string]bool
	views map[string]bool // owners that are known through a peer only
}

// AddCall tells that client calls server. view names an end that is known only through its peer, "" neither.
func (g *Graph) AddCall(client, server, view string) {
	if g.calls == nil {
		g.calls, g.views = map[string][]string{}, map[string]bool{}
	}
	g.calls[client] = append(g.calls[client], server)
	if view != "" {
		g.views[view] = true
	}
}

// AddHost tells that an owner runs on a host.
func (g *Graph) AddHost(owner, host string) {
	if g.runs == nil {
		g.runs, g.hosts = map[string]string{}, map[string]bool{}
	}
	g.runs[owner], g.hosts[host] = host, true
}

// reach returns all that owner calls, directly or through others, itself included.
func (g *Graph) reach(owner string) map[string]bool {
	seen := map[string]bool{owner: true}
	for todo := []string{owner}; len(todo) > 0; todo = todo[1:] {
		for _, server := range g.calls[todo[0]] {
			if !seen[server] {
				seen[server] = true
				todo = append(todo, server)
			}
		}
	}
	return seen
}

// farthestCallee is how many calls an incident is followed through owners that show nothing.
const farthestCallee = 3

// callees returns whom owner calls, in the order told, also through others of which silent says that they show nothing.
func (g *Graph) callees(owner string, silent func(string) bool) []string {
	var all []string
	seen := map[string]bool{owner: true}
	front := []string{owner}
	for range farthestCallee {
		var next []string
		for _, client := range front {
			for _, server := range g.calls[client] {
				if seen[server] {
					continue
				}
				seen[server] = true
				all = append(all, server)
				if silent(server) {
					next = append(next, server)
				}
			}
		}
		front = next
	}
	return all
}
