// What nearly every test includes; only a matter of build time.
#pragma once
#include "pch_core.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
