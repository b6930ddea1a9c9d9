<?php
// Saves one session of so many rows with PHP's own handler: save.php DIRECTORY ID ROWS HANDLER. Prints its content.
[, $directory, $id, $rows, $handler] = $argv;
ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');
ini_set('session.save_path', $directory);
ini_set('session.serialize_handler', $handler);
session_id($id);
session_start();
$_SESSION = ['user' => 7, 'rows' => array_fill(0, (int) $rows, "row $rows"), 'last' => (int) $rows];
$content = base64_encode(serialize($_SESSION));
session_write_close();
echo json_encode($content), "\n";
