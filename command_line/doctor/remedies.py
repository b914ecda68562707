"""What to change in which proxy, by its own directives. Data."""

BUFFERING = (
    "nginx: proxy_buffering off; proxy_http_version 1.1; in the location of /v1/sse/, and no "
    "proxy_ignore_headers X-Accel-Buffering",
    "Caddy: needs nothing, since reverse_proxy flushes text/event-stream at once; see that no "
    "other handler stands before it",
    "HAProxy: needs nothing for answers; remove filters that rewrite bodies",
    "Apache: ProxyPass … flushpackets=on",
    "Cloudflare: rules that bypass the cache for /v1/sse/*, and no feature that rewrites bodies",
)
COMPRESSION = (
    "nginx: gzip off; (and brotli off;) in the location of /v1/sse/, or no text/event-stream in "
    "gzip_types",
    "Caddy: encode compresses text/*: give it a matcher, @rest not path /v1/sse/* and encode "
    "@rest gzip",
    "HAProxy: name types in `compression type`, without text/event-stream; it also obeys "
    "Cache-Control: no-transform",
    "Apache: SetEnvIf Request_URI ^/v1/sse/ no-gzip no-brotli",
    "Cloudflare: obeys Cache-Control: no-transform; else a Compression Rule that disables it for "
    "/v1/sse/*",
)
TIMEOUTS = (
    "nginx: proxy_read_timeout 75s; and send_timeout 75s; (60 s each by default)",
    "Caddy: no read_timeout below 75s in the transport of reverse_proxy, none for write in servers "
    "timeouts",
    "HAProxy: timeout server 75s and timeout client 75s",
    "Apache: ProxyTimeout 75, or timeout=75 at ProxyPass",
    "Cloudflare: 100 s, which is enough; a load balancer before it may have less (AWS: 60 s)",
)
REQUEST_HEADERS = (
    "nginx: proxy_set_header Last-Event-ID $http_last_event_id; and no "
    "proxy_pass_request_headers off",
    "Caddy: no header_up -Last-Event-ID in reverse_proxy",
    "HAProxy: no http-request del-header Last-Event-ID",
    "Apache: no RequestHeader unset Last-Event-ID",
    "Cloudflare: no Transform Rule that removes it",
)
AUTHORIZATION = (
    "nginx: proxy_set_header Authorization $http_authorization; where auth_basic stands, take it "
    "away",
    "Caddy: no header_up -Authorization, no basic_auth before Circles",
    "HAProxy: no http-request del-header Authorization",
    "Apache: no AuthType before Circles, no RequestHeader unset Authorization",
    "Cloudflare: no Transform Rule that removes it",
)
RESPONSE_HEADERS = (
    "nginx: no proxy_hide_header and no expires or add_header Cache-Control in the location of "
    "/v1/sse/ (it takes X-Accel-Buffering for itself, as it should)",
    "Caddy: no header directive or header_down that touches Cache-Control or Content-Type",
    "HAProxy: no http-response set-header or del-header Cache-Control",
    "Apache: no Header set or unset Cache-Control, no ExpiresActive for /v1/sse/",
    "Cloudflare: Browser Cache TTL: Respect Existing Headers; no rule that edits Cache-Control",
)
REPLICAS = (
    "Any: take replicas that are gone out of the list, and ask each for GET /healthz",
    "nginx: proxy_next_upstream error timeout; proxy_connect_timeout 2s; max_fails and "
    "fail_timeout at each server",
    "Caddy: health_uri /healthz and lb_try_duration 8s in reverse_proxy",
    "HAProxy: option httpchk GET /healthz, check at each server, option redispatch",
    "Apache: hcmethod=GET hcuri=/healthz at each BalancerMember (mod_proxy_hcheck)",
    "Cloudflare: a monitor of /healthz for the pool",
)
HTTP2 = (
    "nginx: http2 on; at a server with TLS",
    "Caddy: needs nothing but a name with a certificate",
    "HAProxy: alpn h2,http/1.1 at bind",
    "Apache: Protocols h2 http/1.1",
    "Cloudflare: on by default",
)
CLOCKS = ("Any: let chrony or systemd-timesyncd keep the clock of every machine",)
TICKETS = ("Any: pass the query of /v1/sse/* on as it is: no rule that rewrites or drops it",)
