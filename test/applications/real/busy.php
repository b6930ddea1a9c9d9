<?php
// A busy shop: saves sessions of changing length, one after another, until it is ended. busy.php DIRECTORY
ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');
ini_set('session.gc_probability', '0');
ini_set('session.save_path', $argv[1]);
for ($n = 0; ; $n++) {
    session_id('busy' . str_pad((string) ($n % 40), 22, '0', STR_PAD_LEFT));
    session_start();
    $_SESSION = ['n' => $n, 'rows' => array_fill(0, mt_rand(0, 4) * 3000, "row $n"), 'last' => $n];
    session_write_close();
    if ($n === 40) echo "ready\n";
}
