<?php
// A request of Magento's session, for tests: PHP's own session functions over a hash that is read and written as the Cm handler
// does (colinmollenhour/php-redis-session-abstract src/Cm/RedisSession/Handler.php; no package of Debian has it). cm.php SOCKET
// DATABASE LIFETIME, ids on stdin; prints {id: {content, ttl}}, ttl in seconds after the request; with `large`, it also puts
// something into the session that is packed.
[, $socket, $database, $lifetime, $what] = $argv + [4 => ''];
const SIX_HOURS = 21600;
const FIRST_LIFETIME = 600;
const PACKED_FROM = 2048;
ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');

final class CmReader implements SessionHandlerInterface {
    private int $writes = 0;
    public function __construct(private Redis $redis, private int $lifetime) {}
    public function open(string $path, string $name): bool { return true; }
    public function close(): bool { return true; }
    public function read(string $id): string {
        $key = "sess_$id";
        // Whoever does not get the lock waits for it.
        if ($this->redis->hIncrBy($key, 'lock', 1) !== 1) throw new Exception('the session is locked');
        ['data' => $data, 'writes' => $writes] = $this->redis->hMGet($key, ['data', 'writes']);
        $this->writes = (int) $writes;
        $this->redis->hMSet($key, ['pid' => 'host|1', 'lock' => 1, 'req' => 'GET /']);
        $this->redis->expire($key, SIX_HOURS);
        return str_starts_with((string) $data, ':gz:') ? gzuncompress(substr($data, 4)) : (string) $data;
    }
    public function write(string $id, string $data): bool {
        $key = "sess_$id";
        $seconds = $this->writes <= 1 ? FIRST_LIFETIME * (1 + $this->writes) : $this->lifetime;
        $packed = strlen($data) >= PACKED_FROM ? ':gz:' . gzcompress($data, 1) : $data;
        $this->redis->hMSet($key, ['data' => $packed, 'lock' => 0]);
        $this->redis->hIncrBy($key, 'writes', 1);
        $this->redis->expire($key, $seconds);
        return true;
    }
    public function destroy(string $id): bool { return $this->redis->del("sess_$id") >= 0; }
    public function gc(int $lifetime): int { return 0; }
}

$redis = new Redis();
$redis->connect($socket);
$redis->select((int) $database);
session_set_save_handler(new CmReader($redis, (int) $lifetime), true);
ini_set('session.lazy_write', '0');
class Cart { public $items = ['sku' => 2]; private $note = 'x'; protected $total = 1.5; }
$out = [];
foreach (json_decode(stream_get_contents(STDIN)) as $id) {
    session_id($id);
    session_start();
    $content = $_SESSION === [] ? null : base64_encode(serialize($_SESSION));
    if ($what === 'large') $_SESSION['rows'] = array_fill(0, 400, 'a-b-c');
    session_write_close();
    $out[$id] = ['content' => $content, 'ttl' => $redis->ttl("sess_$id")];
}
echo json_encode((object) $out);
