<?php
// Reads or writes sessions as phpredis does: php pool-of-ids.php SAVE_PATH read|write ID...
[, $path, $what] = $argv;
ini_set('session.save_handler', 'redis');
ini_set('session.save_path', $path);
ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');
$found = [];
foreach (array_slice($argv, 3) as $id) {
    session_id($id);
    session_start();
    if ($what === 'write') {
        $_SESSION['user'] = $id;
    }
    $found[$id] = $_SESSION['user'] ?? null;
    session_write_close();
    $_SESSION = [];
}
echo json_encode($found);
