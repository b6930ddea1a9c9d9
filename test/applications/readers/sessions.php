<?php
// The real writers and readers of PHP, for tests: `write KIND DIRECTORY` makes sessions on files, `read KIND SOCKET` takes
// ids from stdin and reads them back from Redis. Both print {id: serialised content} as JSON. Kinds: a serialize_handler,
// symfony, laravel; `write pool SAVE_PATH` makes sessions in Redis. Debian packages: php-cli php-redis php-igbinary php-symfony-http-foundation php-illuminate-*.
[, $mode, $kind, $place] = $argv;
ini_set('session.use_cookies', '0');
ini_set('session.use_strict_mode', '0');
ini_set('session.cache_limiter', '');
ini_set('session.gc_probability', '0');

class Cart { public $items = ['sku' => 2]; private $note = 'x'; protected $total = 1.5; }

$shared = ['a'];
$cases = [
    ['user_id' => 7, 'name' => "gr\u{fc}n \u{1f600}", 'cart' => new Cart()],
    ['anonymous' => true, 'flash' => ['new' => [], 'old' => ['status']], 'n' => null, 'd' => 0.1],
    ['binary' => "\0\xff|;}\"", 'p' => &$shared, 'q' => &$shared, 'empty' => ['' => '']],
];
$out = [];

function native(string $id, callable $use): mixed {
    session_id($id);
    session_start();
    $result = $use();
    return $result;
}

if ($kind === 'laravel') {
    require 'Illuminate/Session/autoload.php';
    require 'Illuminate/Filesystem/autoload.php';
    require 'Illuminate/Cache/autoload.php';
    require 'Illuminate/Redis/autoload.php';
    if ($mode === 'write') {
        $handler = new Illuminate\Session\FileSessionHandler(new Illuminate\Filesystem\Filesystem(), $place, 120);
        foreach ($cases as $case) {
            $store = new Illuminate\Session\Store('laravel_session', $handler);
            $store->start();
            foreach ($case as $key => $value) $store->put($key, $value);
            $store->save();
            $out[$store->getId()] = base64_encode(serialize($store->all()));
        }
    } else {
        $config = ['client' => 'phpredis', 'options' => ['prefix' => 'laravel_database_'], 'default' => ['host' => $place, 'port' => 0, 'database' => 0]];
        $redis = new Illuminate\Redis\RedisManager(null, 'phpredis', $config);
        $cache = new Illuminate\Cache\Repository(new Illuminate\Cache\RedisStore($redis, 'laravel_cache', 'default'));
        foreach (file('php://stdin', FILE_IGNORE_NEW_LINES) as $id) {
            $store = new Illuminate\Session\Store('laravel_session', new Illuminate\Session\CacheBasedSessionHandler($cache, 120), $id);
            $store->start();
            $out[$id] = base64_encode(serialize($store->all()));
        }
    }
} elseif ($kind === 'symfony') {
    require 'Symfony/Component/HttpFoundation/autoload.php';
    $redis = $mode === 'read' ? new Redis() : null;
    $redis?->connect($place);
    $handler = $mode === 'read'
        ? new Symfony\Component\HttpFoundation\Session\Storage\Handler\RedisSessionHandler($redis)
        : new Symfony\Component\HttpFoundation\Session\Storage\Handler\NativeFileSessionHandler($place);
    $storage = new Symfony\Component\HttpFoundation\Session\Storage\NativeSessionStorage([], $handler);
    $session = new Symfony\Component\HttpFoundation\Session\Session($storage);
    $ids = $mode === 'read' ? file('php://stdin', FILE_IGNORE_NEW_LINES) : array_map(fn () => bin2hex(random_bytes(13)), $cases);
    foreach ($ids as $i => $id) {
        $session->setId($id);
        $session->start();
        if ($mode === 'write') foreach ($cases[$i] as $key => $value) $session->set($key, $value);
        $out[$id] = base64_encode(serialize($session->all()));
        $session->save();
        $_SESSION = [];
    }
} elseif ($kind === 'pool') {
    // The place is a whole save_path: the real reader chooses among its servers.
    ini_set('session.save_handler', 'redis');
    ini_set('session.save_path', $place);
    for ($i = 0; $i < 24; $i++) {
        $id = bin2hex(random_bytes(13));
        native($id, function () use ($id, &$out) {
            $_SESSION['id'] = $id;
            session_write_close();
        });
        $out[$id] = $id;
    }
} else {
    ini_set('session.serialize_handler', $kind);
    ini_set('session.save_handler', $mode === 'write' ? 'files' : 'redis');
    ini_set('session.save_path', $mode === 'write' ? $place : "unix://$place?database=0");
    $ids = $mode === 'read' ? file('php://stdin', FILE_IGNORE_NEW_LINES) : array_map(fn () => bin2hex(random_bytes(13)), $cases);
    foreach ($ids as $i => $id) {
        native($id, function () use ($mode, $i, $cases, $id, &$out) {
            // The handler php takes no bar in a name, and no name that is a number.
            if ($mode === 'write') foreach ($cases[$i] as $key => &$value) $_SESSION[$key] = &$value;
            $out[$id] = base64_encode(serialize($_SESSION));
            session_write_close();
        });
    }
}
echo json_encode($out);
