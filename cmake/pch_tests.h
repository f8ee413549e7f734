// What nearly every test includes: a matter of build time, but for how values print.
#pragma once
#include "../tests/support/printing.h"
#include "pch_core.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
