<?php
// Makes sessions in a pool of phpredis, each with its id as content: pool.php SAVE_PATH. Prints the ids.
ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');
ini_set('session.save_handler', 'redis');
ini_set('session.save_path', $argv[1]);
$ids = [];
for ($i = 0; $i < 24; $i++) {
    session_id($ids[] = bin2hex(random_bytes(13)));
    session_start();
    $_SESSION['id'] = session_id();
    session_write_close();
}
echo json_encode($ids);
