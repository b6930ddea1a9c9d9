<?php
// Applications of which no package is at hand, for tests: `write APP DIRECTORY` makes their files, by PHP's own session functions
// where they use these, and prints {role: {id, file, lifetime, content}}; `read APP SOCKET` looks for ids of stdin as the
// application's reader would, and prints {id: content or null}. What their stores and readers do stands in the file that the
// template of the same name gives as its source.
[, $mode, $app, $place] = $argv;
ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');
ini_set('session.use_strict_mode', '0');

/** The bytes of PHP's session handler, as its files hold them, back to variables. */
function native(string $bytes): array {
    session_id('reading');
    ini_set('session.save_path', sys_get_temp_dir());
    session_start();
    $_SESSION = [];
    if (!session_decode($bytes)) throw new Exception('PHP does not decode it');
    $variables = $_SESSION;
    session_destroy();
    return $variables;
}

$hex = fn (int $length) => bin2hex(random_bytes($length / 2));
$SECRET = str_repeat('k', 32);
$encrypt = function (string $text) use ($SECRET): string {
    $iv = random_bytes(16);
    $value = openssl_encrypt($text, 'aes-256-cbc', $SECRET, 0, $iv);
    $iv = base64_encode($iv);
    return base64_encode(json_encode(['iv' => $iv, 'value' => $value, 'mac' => hash_hmac('sha256', $iv . $value, $SECRET), 'tag' => '']));
};
$decrypt = function (string $text) use ($SECRET): string {
    ['iv' => $iv, 'value' => $value, 'mac' => $mac] = json_decode(base64_decode($text), true);
    if ($mac !== hash_hmac('sha256', $iv . $value, $SECRET)) throw new Exception('not this key');
    return openssl_decrypt($value, 'aes-256-cbc', $SECRET, 0, base64_decode($iv));
};
$json = fn (string $text) => json_decode($text, true);
$laravel = ['file' => fn ($id) => $id, 'length' => 40, 'lifetime' => 7200, 'encode' => 'serialize'];

/** By application: file name, bytes (PHP's own where there is no `encode`), key, and the value in Redis back to variables. */
$contracts = [
    'codeigniter' => ['file' => fn ($id) => "ci_session$id", 'key' => fn ($id) => "ci_session:ci_session:$id", 'lifetime' => 7200],
    'codeigniter3' => ['file' => fn ($id) => "ci_session$id", 'key' => fn ($id) => "ci_session:$id", 'lifetime' => 7200, 'length' => 40],
    'opencart' => ['key' => fn ($id) => "oc.session.$id", 'lifetime' => 86400, 'length' => 26, 'encode' => 'json_encode', 'decode' => $json],
    'thinkphp' => ['key' => fn ($id) => "think:$id", 'encode' => 'serialize', 'decode' => fn ($value) => unserialize(unserialize($value))],
    'thinkphp-packed' => ['key' => fn ($id) => "think:$id", 'encode' => fn ($all) => gzcompress(serialize($all), 3), 'decode' => fn ($value) => unserialize(unserialize($value))],
    'thinkphp5' => ['key' => fn ($id) => "tp5$id", 'lifetime' => 3600],
    'cakephp' => ['key' => fn ($id) => "cake_$id", 'decode' => fn ($value) => native(unserialize($value))],
    'yii' => ['key' => fn ($id) => 'y1i2:' . md5(json_encode(['yii\redis\Session', $id]))],
    // A cache keeps a pair of value and dependency, under its prefix and the digest of the serialised class and id.
    'yii-cache' => ['key' => fn ($id) => 'y1i2' . md5(serialize(['yii\web\CacheSession', $id])), 'decode' => fn ($value) => native(unserialize($value)[0])],
    'moodle' => ['key' => fn ($id) => "mdl_$id", 'lifetime' => 28880, 'serializer' => Redis::SERIALIZER_PHP],
    'nextcloud' => ['key' => fn ($id) => "PHPREDIS_SESSION:$id", 'lifetime' => 86400],
    'phpmyadmin' => ['key' => fn ($id) => "PHPREDIS_SESSION:$id"],
    'laminas' => ['key' => fn ($id) => "laminascache:$id"],
    // Up to Laravel 10 the framework adds the colon, from 12 on the words have hyphens.
    'laravel-9' => ['key' => fn ($id) => "laravel_database_laravel_cache_:$id", 'decode' => fn ($value) => unserialize(unserialize($value))] + $laravel,
    'laravel-11-json' => ['key' => fn ($id) => "laravel_database_laravel_cache_$id", 'encode' => 'json_encode', 'decode' => fn ($value) => $json(unserialize($value))] + $laravel,
    'laravel-12-encrypted' => ['key' => fn ($id) => "laravel-database-laravel-cache-$id", 'encode' => fn ($all) => $encrypt(serialize($all)), 'decode' => fn ($value) => unserialize($decrypt(unserialize($value)))] + $laravel,
];
$contract = $contracts[$app] + ['file' => fn ($id) => "sess_$id", 'length' => 32, 'lifetime' => 1440, 'encode' => null, 'decode' => 'native', 'serializer' => null];

$roles = [
    'login' => ['user_id' => 7, 'name' => "gr\u{f6}\u{df}e \u{1f600} \"; | {}", 'cart' => ['sku' => ['n' => 2, 'price' => 9.5]]],
    'anonymous' => ['visits' => 1, 'n' => null, 'no' => false, 'empty' => []],
    'flash' => ['messages' => ['new' => [], 'old' => ['status']]],
    'large' => ['rows' => array_fill(0, 3000, 'a-b-c')],
];
// What shows whose session it is: files of another application are left where they are.
$signs = [
    'codeigniter' => ['__ci_last_regenerate' => 1700000000],
    'nextcloud' => ['encrypted_session_data' => base64_encode(random_bytes(300))],
    'phpmyadmin' => [' PMA_token ' => 'x'],
];
if (isset($signs[$app])) foreach ($roles as &$variables) $variables += $signs[$app];
unset($variables);
$out = [];
if ($mode === 'write') {
    foreach ($roles as $role => $variables) {
        $id = $hex($contract['length']);
        $path = "$place/" . $contract['file']($id);
        if ($contract['encode'] !== null) file_put_contents($path, $contract['encode']($variables));
        else {
            ini_set('session.save_path', $place);
            session_id($id);
            session_start();
            $_SESSION = $variables;
            session_write_close();
            rename("$place/sess_$id", $path);
        }
        $out[$role] = ['id' => $id, 'file' => basename($path), 'lifetime' => $contract['lifetime'], 'content' => base64_encode(serialize($variables))];
    }
} else {
    $redis = new Redis();
    $redis->connect($place);
    if ($contract['serializer'] !== null) $redis->setOption(Redis::OPT_SERIALIZER, $contract['serializer']);
    foreach (json_decode(stream_get_contents(STDIN)) as $id) {
        $value = $redis->get($contract['key']($id));
        $out[$id] = $value === false ? null : base64_encode(serialize($contract['decode']($value)));
    }
}
echo json_encode((object) $out);
