//go:build exporters

package e2e

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/internal/testkit"
)

// TestExporters runs the exporters that Debian has beside the servers that they watch, and has their presets find their
// series and forecast them. `make test-presets` runs it.
func TestExporters(t *testing.T) {
	var all []watched
	for name, start := range map[string]func(*testing.T) watched{
		"node": startNode, "blackbox": startBlackbox, "postgresql": startPostgreSQL, "mysql": startMariaDB, "redis": startRedis,
		"rabbitmq": startRabbitMQ, "haproxy": startHAProxy, "nginx": startNGINX, "etcd": startEtcd,
		"jvm": startJVM, "alertmanager": startAlertmanager,
		"prometheus":   func(t *testing.T) watched { return startWatchedPrometheus(t, testkit.FindPrometheus2(t)) },
		"prometheus-3": func(t *testing.T) watched { return startWatchedPrometheus(t, testkit.FindTool(t, "prometheus")) },
	} {
		w := start(t)
		w.as = name
		w.preset, _, _ = strings.Cut(name, "-")
		all = append(all, w)
	}
	tryPresets(t, all)
}

func startNode(t *testing.T) watched {
	t.Helper()
	bin := testkit.FindSystem(t, "prometheus-node-exporter")
	return watched{url: startExporter(t, bin, nil, "--web.listen-address=%s") + "/metrics"}
}

func startBlackbox(t *testing.T) watched {
	t.Helper()
	site := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }))
	t.Cleanup(site.Close)
	config := writeFile(t, "blackbox.yml", "modules: {https: {prober: http, http: {tls_config: {insecure_skip_verify: true}}}}\n")
	u := startExporter(t, testkit.FindSystem(t, "prometheus-blackbox-exporter"), nil, "--web.listen-address=%s", "--config.file="+config)
	return watched{url: u + "/probe?module=https&target=" + url.QueryEscape(site.URL)}
}

func startPostgreSQL(t *testing.T) watched {
	t.Helper()
	bins, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(bins) == 0 {
		testkit.NotRun(t, "PostgreSQL (Debian's package postgresql) is not installed")
	}
	exporter := testkit.FindSystem(t, "prometheus-postgres-exporter")
	data := filepath.Join(openDir(t), "data")
	host, port := hostPort(t)
	run(t, command(filepath.Join(bins[0], "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-N"))
	start(t, command(filepath.Join(bins[0], "postgres"), "-D", data, "-c", "listen_addresses="+host, "-p", port, "-k", filepath.Dir(data), "-F"))
	waitFor(t, net.JoinHostPort(host, port))
	dsn := fmt.Sprintf("DATA_SOURCE_NAME=postgresql://postgres@%s/postgres?sslmode=disable", net.JoinHostPort(host, port))
	return watched{
		url:    startExporter(t, exporter, []string{dsn}, "--web.listen-address=%s") + "/metrics",
		absent: []string{"replication_lag"}, // 0.11 asks for it only where its own queries are configured
	}
}

func startMariaDB(t *testing.T) watched {
	t.Helper()
	mariadbd, install := testkit.FindSystem(t, "mariadbd"), testkit.FindSystem(t, "mariadb-install-db")
	exporter := testkit.FindSystem(t, "prometheus-mysqld-exporter")
	dir := openDir(t)
	data, socket := filepath.Join(dir, "data"), filepath.Join(dir, "s")
	host, port := hostPort(t)
	run(t, command(install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db"))
	start(t, command(mariadbd, "--no-defaults", "--datadir="+data, "--socket="+socket, "--bind-address="+host, "--port="+port, "--pid-file="+filepath.Join(dir, "pid")))
	waitFor(t, net.JoinHostPort(host, port))
	dsn := fmt.Sprintf("DATA_SOURCE_NAME=root@(%s)/", net.JoinHostPort(host, port))
	return watched{
		url:    startExporter(t, exporter, []string{dsn}, "--web.listen-address=%s", "--config.my-cnf="+filepath.Join(dir, "none")) + "/metrics",
		absent: []string{"replication_lag"}, // it is no replica
	}
}

func startRedis(t *testing.T) watched {
	t.Helper()
	server, exporter := testkit.FindSystem(t, "redis-server"), testkit.FindSystem(t, "prometheus-redis-exporter")
	host, port := hostPort(t)
	start(t, command(server, "--bind", host, "--port", port, "--save", "", "--maxmemory", "64mb", "--dir", openDir(t)))
	address := net.JoinHostPort(host, port)
	waitFor(t, address)
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("SET a b\r\n")); err != nil {
		t.Fatal(err)
	}
	return watched{url: startExporter(t, exporter, nil, "--web.listen-address=%s", "--redis.addr=redis://"+address) + "/metrics"}
}

func startRabbitMQ(t *testing.T) watched {
	t.Helper()
	server := "/usr/lib/rabbitmq/bin/rabbitmq-server"
	if _, err := os.Stat(server); err != nil {
		testkit.NotRun(t, "RabbitMQ (Debian's package rabbitmq-server) is not installed")
	}
	epmd := testkit.FindSystem(t, "epmd")
	dir := openDir(t)
	host, port := hostPort(t)
	_, metrics := hostPort(t)
	_, names := hostPort(t)
	_, inside := hostPort(t)
	config := filepath.Join(dir, "rabbitmq.conf")
	write(t, config, fmt.Sprintf(`listeners.tcp.1 = %s:%s
prometheus.tcp.ip = %s
prometheus.tcp.port = %s
prometheus.return_per_object_metrics = true
`, host, port, host, metrics))
	plugins := filepath.Join(dir, "enabled_plugins")
	write(t, plugins, "[rabbitmq_prometheus].\n")
	environment := []string{
		"HOME=" + dir, "ERL_EPMD_PORT=" + names, "ERL_EPMD_ADDRESS=127.0.0.1", "RABBITMQ_NODENAME=rabbit" + port + "@localhost",
		"RABBITMQ_CONFIG_FILE=" + config, "RABBITMQ_ENABLED_PLUGINS_FILE=" + plugins, "RABBITMQ_MNESIA_BASE=" + dir, "RABBITMQ_LOG_BASE=" + dir,
		"RABBITMQ_DIST_PORT=" + inside, "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}",
		"RABBITMQ_CONF_ENV_FILE=" + filepath.Join(dir, "none"),
	}
	start(t, with(command(epmd, "-address", "127.0.0.1", "-port", names), environment...))
	start(t, with(command(server), environment...))
	waitFor(t, net.JoinHostPort(host, port))
	u := "http://" + net.JoinHostPort(host, metrics) + "/metrics"
	testkit.WaitStatus(t, time.Minute, u, http.StatusOK)
	ctl := filepath.Join(filepath.Dir(server), "rabbitmqctl")
	queue := `rabbit_amqqueue:declare({resource, <<"/">>, queue, <<"orders">>}, true, false, [], none, <<"test">>).`
	run(t, with(command(ctl, "eval", queue), environment...))
	testkit.WaitFor(t, time.Minute, "the queue to be counted", func() error {
		if !strings.Contains(testkit.MustGet(t, u), `rabbitmq_queue_messages{`) {
			return fmt.Errorf("no queue in %s", u)
		}
		return nil
	})
	return watched{url: u}
}

func startHAProxy(t *testing.T) watched {
	t.Helper()
	haproxy := testkit.FindSystem(t, "haproxy")
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }))
	t.Cleanup(site.Close)
	address := testkit.FreeAddress(t)
	config := writeFile(t, "haproxy.cfg", fmt.Sprintf(`defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend web
  bind %s
  maxconn 100
  http-request use-service prometheus-exporter if { path /metrics }
  default_backend site
backend site
  server one %s
`, address, strings.TrimPrefix(site.URL, "http://")))
	start(t, command(haproxy, "-db", "-f", config))
	testkit.WaitStatus(t, time.Minute, "http://"+address+"/", http.StatusOK)
	return watched{url: "http://" + address + "/metrics"}
}

func startNGINX(t *testing.T) watched {
	t.Helper()
	nginx, exporter := testkit.FindSystem(t, "nginx"), testkit.FindSystem(t, "prometheus-nginx-exporter")
	address, dir := testkit.FreeAddress(t), openDir(t)
	config := filepath.Join(dir, "nginx.conf")
	write(t, config, fmt.Sprintf(`daemon off;
pid %[1]s/pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
  server { listen %[2]s; location /status { stub_status; } }
}
`, dir, address))
	start(t, command(nginx, "-c", config, "-e", "stderr"))
	testkit.WaitStatus(t, time.Minute, "http://"+address+"/status", http.StatusOK)
	return watched{url: startExporter(t, exporter, nil, "-web.listen-address=%s", "-nginx.scrape-uri=http://"+address+"/status") + "/metrics"}
}

func startEtcd(t *testing.T) watched {
	t.Helper()
	etcd := testkit.FindSystem(t, "etcd")
	client, peer := "http://"+testkit.FreeAddress(t), "http://"+testkit.FreeAddress(t)
	start(t, command(etcd, "--data-dir", filepath.Join(openDir(t), "data"), "--listen-client-urls", client, "--advertise-client-urls", client,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer))
	testkit.WaitStatus(t, time.Minute, client+"/health", http.StatusOK)
	return watched{url: client + "/metrics"}
}

// jmxExporter is where `mvn dependency:get` puts the JMX exporter.
const jmxExporter = ".m2/repository/io/prometheus/jmx/jmx_prometheus_javaagent/1.0.1/jmx_prometheus_javaagent-1.0.1.jar"

// startJVM starts a small program that keeps some of what it allocates and collects often, with the JMX exporter in it.
func startJVM(t *testing.T) watched {
	t.Helper()
	java := testkit.FindSystem(t, "java")
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	jar := filepath.Join(home, jmxExporter)
	if _, err := os.Stat(jar); err != nil {
		testkit.NotRun(t, "the JMX exporter is not there: mvn dependency:get -Dartifact=io.prometheus.jmx:jmx_prometheus_javaagent:1.0.1")
	}
	program := writeFile(t, "Keep.java", `class Keep {
  static byte[][] kept = new byte[64][];
  public static void main(String[] args) throws Exception {
    for (int i = 0;; i = (i + 1) % 64) { kept[i] = new byte[1 << 18]; System.gc(); Thread.sleep(500); }
  }
}
`)
	host, port := hostPort(t)
	agent := fmt.Sprintf("-javaagent:%s=%s:%s:%s", jar, host, port, writeFile(t, "jmx.yml", "rules: [{pattern: none}]\n"))
	cmd := exec.Command(java, agent, "-Xmx256m", "-XX:+UseG1GC", program)
	start(t, cmd)
	u := "http://" + net.JoinHostPort(host, port) + "/metrics"
	testkit.WaitStatus(t, time.Minute, u, http.StatusOK)
	testkit.WaitFor(t, time.Minute, "a collection", func() error {
		for _, line := range strings.Split(testkit.MustGet(t, u), "\n") {
			if strings.HasPrefix(line, `jvm_memory_pool_collection_used_bytes{pool="G1 Old Gen"}`) && !strings.HasSuffix(line, " 0.0") {
				return nil
			}
		}
		return fmt.Errorf("none yet")
	})
	return watched{url: u}
}

// startWatchedPrometheus starts a Prometheus with a rule and an Alertmanager, which are what its preset follows.
func startWatchedPrometheus(t *testing.T, bin string) watched {
	t.Helper()
	rules := writeFile(t, "rules.yml", "groups: [{name: a, rules: [{record: b, expr: up}]}]\n")
	p := testkit.StartPrometheus(t, bin, fmt.Sprintf(`
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%q]
alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:9"]}]}]}
scrape_configs: [{job_name: a, static_configs: [{targets: ["127.0.0.1:9"]}]}]
`, rules), nil)
	testkit.WaitFor(t, time.Minute, "a rule and a scrape", func() error {
		text := testkit.MustGet(t, p.URL+"/metrics")
		for _, name := range []string{"prometheus_rule_group_last_duration_seconds{", "prometheus_tsdb_head_samples_appended_total{"} {
			if !strings.Contains(text, "\n"+name) {
				return fmt.Errorf("no %s yet", name)
			}
		}
		return nil
	})
	return watched{url: p.URL + "/metrics"}
}

// startAlertmanager starts one that has sent an alert.
func startAlertmanager(t *testing.T) watched {
	t.Helper()
	sent := make(chan struct{}, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { sent <- struct{}{} }))
	t.Cleanup(receiver.Close)
	config := writeFile(t, "alertmanager.yml", fmt.Sprintf(
		"route: {receiver: a, group_wait: 0s}\nreceivers: [{name: a, webhook_configs: [{url: %q}]}]\n", receiver.URL))
	u := startExporter(t, testkit.FindTool(t, "alertmanager"), nil,
		"--web.listen-address=%s", "--config.file="+config, "--storage.path="+t.TempDir(), "--cluster.listen-address=")
	resp, err := http.Post(u+"/api/v2/alerts", "application/json", strings.NewReader(`[{"labels": {"alertname": "A"}}]`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	select {
	case <-sent:
	case <-time.After(time.Minute):
		t.Fatal("no alert was sent")
	}
	return watched{url: u + "/metrics"}
}

// nobody runs servers that refuse to be root.
const nobody = 65534

// command is a program that runs as nobody where the test is root.
func command(bin string, args ...string) *exec.Cmd {
	c := exec.Command(bin, args...)
	c.SysProcAttr = &syscall.SysProcAttr{}
	if os.Geteuid() == 0 {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	c.Dir = "/"
	return c
}

func with(c *exec.Cmd, environment ...string) *exec.Cmd {
	c.Env = append(os.Environ(), environment...)
	return c
}

func run(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", c, err, out)
	}
}

// openDir is a temporary folder that nobody may write to.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "foresight-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(openDir(t), name)
	write(t, path, text)
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func hostPort(t *testing.T) (host, port string) {
	t.Helper()
	host, port, err := net.SplitHostPort(testkit.FreeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

func waitFor(t *testing.T, address string) {
	t.Helper()
	testkit.WaitFor(t, time.Minute, address, func() error {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			err = conn.Close()
		}
		return err
	})
}
