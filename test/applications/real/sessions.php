<?php
// The real applications of PHP, for tests. `write KIND DIRECTORY` makes sessions on files and prints {role: {id, file, lifetime,
// content}}; `read-files KIND DIRECTORY` and `read-redis KIND SOCKET` print {id: content or null} of the ids on stdin and leave
// everything as it is; `logout` and `save` are requests of those ids on files, `request` is one in Redis. Content is base64
// of serialize(). Kinds: php, php_binary, php_serialize, igbinary (PHP's own handlers, phpredis), php-levels (one directory
// level, save_path 1;DIRECTORY), predis, symfony, laravel.
[, $mode, $kind, $place] = $argv;
// What these libraries do is deprecated in later PHPs, which is not what is asked here.
error_reporting(E_ALL & ~E_DEPRECATED);
ini_set('display_errors', 'stderr');
ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');
ini_set('session.gc_probability', '0');
// What comes with an unknown id gets a new one, where the handler can tell.
ini_set('session.use_strict_mode', $mode === 'write' ? '0' : '1');

class Cart { public $items = ['sku' => 2]; private $note = 'x'; protected $total = 1.5; }

interface Application {
    /** Runs a request; $use may change $_SESSION or what stands for it. Gives the content, null where there is no session. */
    public function request(string $id, ?callable $use): ?array;
    /** The content, with nothing written. */
    public function read(string $id): ?array;
    public function logout(string $id): void;
    public function lifetime(): int;
}

/** PHP's own session functions, with files, phpredis or a handler that is set. */
class Native implements Application {
    public function __construct(string $handler) { ini_set('session.serialize_handler', $handler); }
    public function request(string $id, ?callable $use): ?array {
        session_id($id);
        session_start();
        if ($use) $use(function (string $name, mixed &$value) { $_SESSION[$name] = &$value; }, fn () => null);
        $content = session_id() === $id && $_SESSION !== [] ? $_SESSION : null;
        session_write_close();
        return $content;
    }
    public function read(string $id): ?array {
        session_id($id);
        session_start(['read_and_close' => true]);
        return session_id() === $id && $_SESSION !== [] ? $_SESSION : null;
    }
    public function logout(string $id): void {
        session_id($id);
        session_start();
        session_destroy();
    }
    public function lifetime(): int { return (int) ini_get('session.gc_maxlifetime'); }
}

class Symfony implements Application {
    public function __construct(private SessionHandlerInterface $handler) {}
    private function session(string $id): Symfony\Component\HttpFoundation\Session\Session {
        global $mode;
        $storage = new Symfony\Component\HttpFoundation\Session\Storage\NativeSessionStorage(
            ['use_cookies' => 0, 'use_strict_mode' => $mode === 'write' ? 0 : 1], $this->handler);
        $session = new Symfony\Component\HttpFoundation\Session\Session($storage);
        $session->setId($id);
        $session->start();
        return $session;
    }
    private function content($session, string $id): ?array {
        $content = $session->all() + ['flash' => $session->getFlashBag()->peekAll()];
        return $session->getId() === $id && $content !== ['flash' => []] ? $content : null;
    }
    public function request(string $id, ?callable $use): ?array {
        $session = $this->session($id);
        if ($use) $use(fn (string $name, mixed $value) => $session->set($name, $value), fn () => $session->getFlashBag()->add('notice', 'saved'));
        $content = $this->content($session, $id);
        $session->save();
        return $content;
    }
    public function read(string $id): ?array {
        $content = $this->content($this->session($id), $id);
        session_abort();
        return $content;
    }
    public function logout(string $id): void {
        $session = $this->session($id);
        $session->invalidate();
        $session->save();
    }
    public function lifetime(): int { return (int) ini_get('session.gc_maxlifetime'); }
}

class Laravel implements Application {
    public function __construct(private SessionHandlerInterface $handler) {}
    public function request(string $id, ?callable $use): ?array {
        $store = new Illuminate\Session\Store('laravel_session', $this->handler, $id);
        $isThere = $use !== null || $this->handler->read($id) !== '';
        $store->start();
        if ($use) $use(fn (string $name, mixed $value) => $store->put($name, $value), fn () => $store->flash('status', 'saved'));
        $store->save();
        return $isThere ? $store->all() : null;
    }
    public function read(string $id): ?array {
        $store = new Illuminate\Session\Store('laravel_session', $this->handler, $id);
        if ($this->handler->read($id) === '') return null;
        $store->start();
        return $store->all();
    }
    public function logout(string $id): void {
        $store = new Illuminate\Session\Store('laravel_session', $this->handler, $id);
        $store->start();
        $store->invalidate();
        $store->save();
    }
    public function lifetime(): int { return 7200; }
}

function application(string $kind, string $place, bool $isOnFiles): Application {
    if ($kind === 'laravel') {
        foreach (['Session', 'Filesystem', 'Cache', 'Redis'] as $part) require "Illuminate/$part/autoload.php";
        if ($isOnFiles) return new Laravel(new Illuminate\Session\FileSessionHandler(new Illuminate\Filesystem\Filesystem(), $place, 120));
        $options = ['prefix' => 'laravel_database_'];
        $redis = new Illuminate\Redis\RedisManager(null, 'phpredis', ['options' => $options, 'default' => ['host' => $place, 'port' => 0, 'database' => 0]]);
        $cache = new Illuminate\Cache\Repository(new Illuminate\Cache\RedisStore($redis, 'laravel_cache', 'default'));
        return new Laravel(new Illuminate\Session\CacheBasedSessionHandler($cache, 120));
    }
    if ($kind === 'symfony') {
        require 'Symfony/Component/HttpFoundation/autoload.php';
        $handlers = 'Symfony\Component\HttpFoundation\Session\Storage\Handler';
        if ($isOnFiles) return new Symfony(new ("$handlers\NativeFileSessionHandler")($place));
        $redis = new Redis();
        $redis->connect($place);
        return new Symfony(new ("$handlers\RedisSessionHandler")($redis));
    }
    if ($isOnFiles || $kind !== 'predis') {
        $path = $kind === 'php-levels' ? "1;$place" : $place;
        ini_set('session.save_handler', $isOnFiles ? 'files' : 'redis');
        ini_set('session.save_path', $isOnFiles ? $path : "unix://$place?database=0");
    } else {
        require 'Predis/autoload.php';
        $client = new Predis\Client(['scheme' => 'unix', 'path' => $place], ['prefix' => 'app:']);
        (new Predis\Session\Handler($client))->register();
    }
    return new Native(in_array($kind, ['predis', 'php-levels']) ? 'php' : $kind);
}

$shared = ['a'];
$roles = [
    'login' => ['user_id' => 7, 'name' => 'jane', 'cart' => new Cart()],
    'anonymous' => ['visits' => 1, 'n' => null, 'd' => 0.1, 'no' => false],
    'unicode' => ["gr\u{f6}\u{df}e" => "\u{1f600} \u{2028}", 'list' => [[], [[]]]],
    'binary' => ['raw' => "\0\xff|;}\"", 'p' => &$shared, 'q' => &$shared, 'none' => ['' => '']],
    'flash' => ['basket' => ['sku' => 1]],
    'large' => ['rows' => array_fill(0, 4000, ['sku' => 'a-b-c', 'n' => 2.5])],
    'old' => ['user_id' => 8],
    'empty' => [],
];

$encoded = fn (?array $content) => $content === null ? null : base64_encode(serialize($content));
$application = application($kind, $place, !in_array($mode, ['read-redis', 'request']));
$out = [];
if ($mode === 'write') {
    // PHP makes no directories.
    if ($kind === 'php-levels') foreach (str_split('0123456789abcdef') as $character) mkdir("$place/$character");
    foreach ($roles as $role => $values) {
        // Its own length for Laravel, which takes no other.
        $id = bin2hex(random_bytes($kind === 'laravel' ? 20 : 13));
        $content = $application->request($id, function (callable $set, callable $flash) use ($role, &$values) {
            foreach ($values as $name => &$value) $set($name, $value);
            if ($role === 'flash') $flash();
        });
        [$file] = array_merge(glob("$place/sess_$id"), glob("$place/?/sess_$id"), glob("$place/$id"));
        if ($role === 'old') touch($file, time() - 30 * 86400);
        $out[$role] = ['id' => $id, 'file' => substr($file, strlen("$place/")), 'lifetime' => $application->lifetime(), 'content' => $encoded($content)];
    }
} else {
    foreach (json_decode(stream_get_contents(STDIN)) as $id) {
        if ($mode === 'logout') $application->logout($id);
        elseif ($mode === 'save') $out[$id] = $encoded($application->request($id, function (callable $set) { $more = 'more'; $set('later', $more); }));
        elseif ($mode === 'request') $out[$id] = $encoded($application->request($id, null));
        else $out[$id] = $encoded($application->read($id));
    }
}
echo json_encode((object) $out);
