<?php
// Asks PHP itself whether it decodes sessions: lines of hexadecimal digits come in, 1 or 0 goes out for each.
// decode.php DIRECTORY HANDLER
error_reporting(0);
ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');
ini_set('session.save_path', $argv[1]);
ini_set('session.serialize_handler', $argv[2]);
session_id('aaaaaaaaaaaaaaaaaaaaaaaaaa');
session_start();
$out = '';
while (($line = fgets(STDIN)) !== false) {
    $_SESSION = [];
    $out .= session_decode(hex2bin(trim($line))) ? "1\n" : "0\n";
    // A failed decode ends the session.
    if (session_status() !== PHP_SESSION_ACTIVE) session_start();
}
echo $out;
