// A digest of MariaDB becomes the statement that the application wrote: both have one identity.

#include <servers/mysql/mysql_digest_text.hpp>

#include <querytap/query/identify.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace querytap;
using detail::may_be_cut_off;
using detail::unfold_digest;

namespace {

struct digest_of_statement {
  const char* statement;
  const char* digest;  // as MariaDB 10.11 prints it
};

std::uint64_t fingerprint_of(std::string_view text) {
  return identify(text, dialect::mysql).fingerprint;
}

}  // namespace

TEST_CASE("a digest has the identity of its statement") {
  const digest_of_statement all[] = {
      {"select id, name from animals where id = 42",
       "SELECT ID , NAME FROM `animals` WHERE ID = ? "},
      {"select `id`, `name` from `animals` where `id` = 42",
       "SELECT `id` , `name` FROM `animals` WHERE `id` = ? "},
      {"select * from animals where id in (1)", "SELECT * FROM `animals` WHERE ID IN (?) "},
      {"select * from animals where id in (1, 2, 3)", "SELECT * FROM `animals` WHERE ID IN (...) "},
      {"select * from animals where age = -5", "SELECT * FROM `animals` WHERE `age` = - ? "},
      {"select * from animals where id - 5 > 3 and 5 - id < -3",
       "SELECT * FROM `animals` WHERE ID - ? > ? AND ? - ID < - ? "},
      {"select * from zoo.animals where age between 1 and 2",
       "SELECT * FROM `zoo` . `animals` WHERE `age` BETWEEN ? AND ? "},
      {"insert into animals(name, age) values ('a', 1)",
       "INSERT INTO `animals` ( NAME , `age` ) VALUES (...) "},
      {"insert into animals(name, age, kind) values ('a', 1, 'c'), ('b', 2, 'd')",
       "INSERT INTO `animals` ( NAME , `age` , `kind` ) VALUES (...) /* , ... */ "},
      {"insert into animals(name) values ('a')", "INSERT INTO `animals` ( NAME ) VALUES (?) "},
      {"insert into animals(name, age, made) values ('a', 2, now())",
       "INSERT INTO `animals` ( NAME , `age` , `made` ) VALUES ( ?, ... , NOW ( ) ) "},
      {"insert into animals(name, age, kind, made) values (lower('a'), 2, 'c', '2020-01-01')",
       "INSERT INTO `animals` ( NAME , `age` , `kind` , `made` ) VALUES ( `lower` (?) , ?, ... ) "},
      {"insert into a(x, y, z) select 1, 2, id from b",
       "INSERT INTO `a` ( `x` , `y` , `z` ) SELECT ?, ... , ID FROM `b` "},
      {"replace into animals(id, name) values (1, 'x')",
       "REPLACE INTO `animals` ( ID , NAME ) VALUES (...) "},
      {"insert into a(x, y) values (1, 2) on duplicate key update x = values(x), y = 3",
       "INSERT INTO `a` ( `x` , `y` ) VALUES (...) ON DUPLICATE KEY UPDATE `x` = VALUES ( `x` ) , "
       "`y` = ? "},
      {"update animals set name = 'x', age = age + 1 where id = 3",
       "UPDATE `animals` SET NAME = ? , `age` = `age` + ? WHERE ID = ? "},
      {"delete from animals where id = 9 or name like 'q%'",
       "DELETE FROM `animals` WHERE ID = ? OR NAME LIKE ? "},
      {"select count(*) from animals a join cages c on a.id = c.animal where c.size = 1 group by "
       "a.kind having count(*) > 2 limit 5 offset 10",
       "SELECT COUNT ( * ) FROM `animals` `a` JOIN `cages` `c` ON `a` . `id` = `c` . `animal` "
       "WHERE "
       "`c` . `size` = ? GROUP BY `a` . `kind` HAVING COUNT ( * ) > ? LIMIT ? OFFSET ? "},
      {"select * from animals order by age limit 3, 4",
       "SELECT * FROM `animals` ORDER BY `age` LIMIT ?, ... "},
      {"select date_add(made, interval 1 day) from animals",
       "SELECT DATE_ADD ( `made` , INTERVAL ? SQL_TSI_DAY ) FROM `animals` "},
      {"select * from animals where age <> 4", "SELECT * FROM `animals` WHERE `age` != ? "},
      {"select distinct kind from animals where (id, age) in ((1, 2), (3, 4))",
       "SELECT DISTINCTROW `kind` FROM `animals` WHERE ( ID , `age` ) IN ( (...) /* , ... */ ) "},
      {"select if(age > 1, 'a', 'b'), coalesce(name, 'x') from animals",
       "SELECT IF ( `age` > ?, ... ) , COALESCE ( NAME , ? ) FROM `animals` "},
      {"select cast(age as char(10)), age % 3, -age from animals",
       "SELECT CAST ( `age` AS CHARACTER (?) ) , `age` % ? , - `age` FROM `animals` "},
      {"select * from animals where name regexp 'a.b'",
       "SELECT * FROM `animals` WHERE NAME RLIKE ? "},
      {"update a set made = current_timestamp, b = null where id = 7",
       "UPDATE `a` SET `made` = NOW , `b` = ? WHERE ID = ? "},
      {"select 'a' 'b'", "SELECT ? ? "},
      {"describe animals", "EXPLAIN `animals` "},
      {"show columns from animals", "SHOW FIELDS FROM `animals` "},
      {"create table t(id int primary key, b varchar(10), c decimal(10,2))",
       "CREATE TABLE `t` ( ID INTEGER PRIMARY KEY , `b` VARCHARACTER (?) , `c` DECIMAL (...) ) "},
      {"select a from `odd name` where `b``c` = 1", "SELECT `a` FROM `odd name` WHERE `b``c` = ? "},
  };
  CHECK(std::size(all) >= 20);
  for (const digest_of_statement& each : all) {
    const detail::unfolded_digest unfolded = unfold_digest(each.digest);
    INFO(each.statement << "\n" << unfolded.text);
    CHECK(fingerprint_of(unfolded.text) == fingerprint_of(each.statement));
  }
}

TEST_CASE("two digests of one statement become one") {
  const auto text = [](std::string_view digest) {
    return fingerprint_of(unfold_digest(digest).text);
  };
  CHECK(text("SELECT ID FROM `t` WHERE ID IN (?) ") ==
        text("SELECT `id` FROM `t` WHERE `id` IN (...) "));
  CHECK(text("INSERT INTO `t` ( `a` , `b` ) VALUES (...) ") ==
        text("INSERT INTO `t` ( `a` , `b` ) VALUES (...) /* , ... */ "));
  CHECK(text("SELECT ID FROM `t` ") != text("SELECT NAME FROM `t` "));
}

TEST_CASE("what a digest does not tell is called a guess") {
  const auto is_certain = [](std::string_view digest) { return unfold_digest(digest).is_certain; };
  CHECK(!is_certain("INSERT INTO `t` VALUES (...) "));
  CHECK(!is_certain("SELECT `a` FROM `t` ORDER BY ? "));
  CHECK(!is_certain("SELECT `a` FROM `t` GROUP BY `a` , ? HAVING `a` > ? "));
  CHECK(!is_certain("SELECT @? "));
  CHECK(!is_certain("SELECT ?, ... "));
  CHECK(!is_certain("CALL `f` (...) "));
  CHECK(is_certain("INSERT INTO `t` ( `a` , `b` ) VALUES (...) "));
  CHECK(is_certain("SELECT `a` FROM `t` WHERE `b` IN (...) ORDER BY `a` LIMIT ?, ... "));
  CHECK(is_certain("SELECT `a` FROM `t` GROUP BY `a` HAVING COUNT ( * ) > ? "));
}

TEST_CASE("any bytes will do for a digest") {
  for (const char* const odd : {"", " ", "`", "(", ")", "(...)", "... ...", "VALUES (...)", "/*",
                                "( ( (", "IN ( (...)", "- ?", "?, ...", "BY ?"}) {
    CHECK_NOTHROW(unfold_digest(odd));
  }
}

TEST_CASE("a digest as long as the server keeps may be cut off") {
  std::string digest = "SELECT ?";
  CHECK(!may_be_cut_off(digest, 1024));
  for (int i = 0; i < 200; ++i) digest += " , `column`";
  CHECK(may_be_cut_off(digest, 1024));
  CHECK(!may_be_cut_off(digest, 4096));
}
