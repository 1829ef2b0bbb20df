package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/testkit"
)

// webConfig asks for TLS and for the user prometheus with the password hunter2.
const webConfig = `
tls_server_config: {cert_file: cert.pem, key_file: key.pem}
basic_auth_users: {prometheus: $2a$04$f7WZ4k3wsKqejn9TtDFNf.85Gl0UGm3PXqx.iaBsGJY870AwNAPa6}
`

func TestTLSAndBasicAuth(t *testing.T) {
	dir := t.TempDir()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: selfSigned(t, dir), MinVersion: tls.VersionTLS12}}}
	defer client.CloseIdleConnections()
	write(t, filepath.Join(dir, "web.yml"), webConfig)
	r := start(t, newFakePrometheus(t).config(""), func(o *Options) { o.WebConfig = filepath.Join(dir, "web.yml") })
	get := func(password string) (int, string, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Replace(r.url, "http:", "https:", 1)+"/metrics", http.NoBody)
		require.NoError(t, err)
		if password != "" {
			req.SetBasicAuth("prometheus", password)
		}
		resp, err := client.Do(req)
		if err != nil {
			return 0, "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return resp.StatusCode, string(body), err
	}
	testkit.WaitFor(t, time.Minute, "an expectation over TLS", func() error {
		status, body, err := get("hunter2")
		if err == nil && (status != http.StatusOK || !strings.Contains(body, "foresight_expected{")) {
			err = fmt.Errorf("status %d: %s", status, body)
		}
		return err
	})
	for _, password := range []string{"", "guessed"} {
		status, body, err := get(password)
		require.NoError(t, err)
		require.Equal(t, http.StatusUnauthorized, status, "password %q", password)
		require.NotContains(t, body, "foresight_")
	}
	status, body, err := testkit.Get(t, r.url+"/metrics")
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, status, "without TLS")
	require.NotContains(t, body, "foresight_")
}

// selfSigned writes cert.pem and key.pem of 127.0.0.1 and gives the pool that trusts them.
func selfSigned(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "foresight"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	write(t, filepath.Join(dir, "cert.pem"), string(cert))
	write(t, filepath.Join(dir, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(cert))
	return pool
}
