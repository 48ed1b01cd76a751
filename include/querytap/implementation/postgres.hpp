#pragma once

// The sources of querytap::postgres: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/decorators/postgres/connection.cpp"
#include "../../../src/decorators/postgres/connection_base.cpp"
#include "../../../src/decorators/postgres/copy_call.cpp"
#include "../../../src/decorators/postgres/cursor.cpp"
#include "../../../src/decorators/postgres/cursor_calls.cpp"
#include "../../../src/decorators/postgres/icursor_iterator.cpp"
#include "../../../src/decorators/postgres/invocation.cpp"
#include "../../../src/decorators/postgres/largeobject.cpp"
#include "../../../src/decorators/postgres/largeobjectaccess.cpp"
#include "../../../src/decorators/postgres/lost_session.cpp"
#include "../../../src/decorators/postgres/notification_receiver.cpp"
#include "../../../src/decorators/postgres/observe.cpp"
#include "../../../src/decorators/postgres/open_call.cpp"
#include "../../../src/decorators/postgres/pipeline.cpp"
#include "../../../src/decorators/postgres/sent_call.cpp"
#include "../../../src/decorators/postgres/subtransaction.cpp"
#include "../../../src/decorators/postgres/transaction_base.cpp"
#include "../../../src/decorators/postgres/transaction_effect.cpp"
#include "../../../src/decorators/postgres/transaction_status.cpp"
